"""Writing a comment: who may, what is refused and given back, and what is held for an editor."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from members.models import AccessRecord
from portal.models import Comment, CommentState, SiteSettings
from portal.services import comments
from tests.factories import make_administrator, make_member, make_post, make_user
from tests.portal.discussing import section, send, write
from tests.portal.reading import MARKER, set_site, soup_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(db) -> SiteSettings:
    return set_site(organisation_name="Safe Places", hold_first_comment=False)


# --- Writing ----------------------------------------------------------------------------------------------------
def test_member_writes_and_comes_back_to_the_comment(signed_in):
    post, author = make_post(), make_member()
    answer = send(signed_in(author), post, "  Words.  ", wants_mail="on")
    made = Comment.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{post.url}#comment-{made.pk}")
    assert (made.text, made.author, made.state, made.wants_mail) == ("Words.", author, CommentState.APPEARED, True)
    row = AccessRecord.objects.get(action="comment_written")
    assert (row.actor_id, row.object_kind, row.object_id) == (author.pk, "comment", str(made.pk))
    assert "Words" not in str(row.details) + row.reason


@pytest.mark.parametrize("standing", ["applicant", "lapsed", "suspended"])
def test_only_current_members_write_and_everybody_else_keeps_the_words(standing, signed_in):
    post, client = make_post(), signed_in(make_member(standing=standing))
    assert soup_of(client, post.url).select_one("#comments form") is None
    answer = send(client, post, "My careful words.")
    assert (answer.status_code, Comment.objects.count()) == (400, 0)
    assert "Comments are for current members." in answer.content.decode()
    assert "My careful words." in answer.content.decode()


def test_words_of_whoever_was_signed_out_wait_for_the_sign_in():
    post, client, member = make_post(), Client(), make_member()
    answer = send(client, post, "Written before.")
    assert (answer.status_code, Comment.objects.count()) == (302, 0)
    assert answer["Location"] == f"/account/login/?next={post.url}%23write"
    client.post("/account/login/", {"login": member.email, "password": "correct horse battery"})
    page = soup_of(client, post.url)
    assert page.select_one("#comments textarea").string.strip() == "Written before."
    assert soup_of(client, make_post().url).select_one("#comments textarea").string.strip() == ""
    send(client, post, "Written before.")
    assert soup_of(client, post.url).select_one("#comments textarea").string.strip() == ""


@pytest.mark.parametrize("nothing", ["", "   \n ", "\u200b\u2060", "\u202e\u202c"])
def test_nothing_is_refused_with_a_sentence(nothing, signed_in):
    answer = send(signed_in(make_member()), make_post(), nothing)
    assert (answer.status_code, Comment.objects.count()) == (400, 0)
    assert "Please write something first." in answer.content.decode()


def test_megabyte_is_refused_and_given_back_whole(signed_in):
    text = "Many words. " * 90_000
    answer = send(signed_in(make_member()), make_post(), text)
    assert (answer.status_code, Comment.objects.count()) == (400, 0)
    assert "Please keep it to 4,000 characters. Yours has 1080000; none is cut off." in answer.content.decode()
    assert text in answer.content.decode()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        'http://example.org/"onmouseover="alert(1)',
        "javascript:alert(1)",
        "[x](javascript:alert(1))",
        "https://example.org/<b>",
    ],
)
def test_markup_is_shown_as_it_was_typed(text, site, signed_in, client):
    site.hold_links = False
    site.save()
    post = make_post()
    send(signed_in(make_member()), post, text)
    assert Comment.objects.get().text == text
    shown = soup_of(client, post.url).select_one(".comment-text")
    assert {each.name for each in shown.find_all()} <= {"p", "a"}
    for link in shown.select("a"):
        assert link["href"].startswith(("http://", "https://"))
        assert set(link.attrs) == {"href", "rel"}
        assert "nofollow" in link["rel"]


def test_answer_to_an_answer_stands_beside_it(signed_in, client):
    post, member = make_post(), make_member()
    first = write(post)
    second = write(post, answers=first)
    form = soup_of(signed_in(member), f"/news/comments/{post.pk}/write/?to={second.pk}")
    assert form.select_one("h1").string == "Answer Pat Person"
    assert form.select_one("[name=answers]")["value"] == str(second.pk)
    send(signed_in(member), post, "A third.", answers=second.pk)
    third = Comment.objects.get(author=member)
    assert third.parent == first


def test_answer_to_what_is_not_there_any_more_stands_by_itself_and_is_not_lost(signed_in):
    post, elsewhere, member = make_post(), write(make_post()), make_member()
    gone = write(post)
    comments.withdraw(comment=gone, by=gone.author)
    for key in (gone.pk, elsewhere.pk, "x", "9" * 40):
        answer = send(signed_in(member), post, f"To {str(key)[:9]}.", answers=key)
        assert answer.status_code == 302
    assert list(Comment.objects.filter(author=member).values_list("parent", flat=True)) == [None] * 4
    with pytest.raises(Exception, match="not there any more"):
        write(post, answers=gone)


@pytest.mark.usefixtures("clock_stands")
def test_one_member_sends_twenty_an_hour_and_keeps_the_rest(signed_in):
    post, client = make_post(), signed_in(make_member())
    assert [send(client, post, f"No. {number}.").status_code for number in range(20)] == [302] * 20
    answer = send(client, post, "The one too many.")
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert "The one too many." in answer.content.decode()
    assert Comment.objects.count() == 20
    assert send(signed_in(make_member()), post).status_code == 302


@pytest.mark.parametrize("how", ["post", "site", "date"])
def test_closed_comments_are_read_and_not_written(how, site, signed_in):
    post = make_post(published_at=timezone.now() - datetime.timedelta(days=8))
    write(post, text="From before.")
    if how == "post":
        post.allows_comments = False
        post.save()
    site.comments_are_open = how != "site"
    site.comments_close_after = 8 if how == "date" else 9
    site.save()
    client = signed_in(make_member())
    shown = section(client, post)
    assert "From before." in shown
    assert shown.endswith("Comments on this post are closed.")
    assert soup_of(client, post.url).select_one("#comments form") is None
    answer = send(client, post, "Too late.")
    assert (answer.status_code, Comment.objects.count()) == (400, 1)
    assert "Too late." in answer.content.decode()


def test_slug_of_the_comments_is_kept_free(signed_in):
    with pytest.raises(Exception, match="is an address of the news list itself"):
        make_post(slug="comments").full_clean()


def test_signed_out_person_without_membership_is_told_so(signed_in):
    assert "Your account has no membership yet" in section(signed_in(make_user()), make_post())


# --- Holding back -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("Quite harmless.", ""),
        ("See https://example.org/", "It has a link."),
        ("See www.example.net", "It has a link."),
        ("See EXAMPLE.COM now", "It has a link."),
        ("A cheap Watch for you", "It has “cheap watch”."),
        ("Cheap watches", ""),
        ("What (a) pity", "It has “(a)”."),
        ("An odd\u202e one", ""),
    ],
)
def test_rules_for_holding_back(text, because, site):
    site.hold_words = "cheap watch\n\n  (a)  \n"
    site.save()
    made = write(make_post(), text=text)
    assert (made.held_because, made.state) == (because, CommentState.HELD if because else CommentState.APPEARED)


def test_first_comment_waits_until_one_has_appeared(site, signed_in, client):
    site.hold_first_comment = True
    site.save()
    post, author = make_post(), make_member()
    own = signed_in(author)
    assert send(own, post, MARKER).status_code == 302
    held = Comment.objects.get()
    assert held.held_because == "It is this member's first comment."
    assert MARKER in section(own, post)
    assert "Waits for an editor. Only you and the editors see it." in section(own, post)
    for other in (client, signed_in(make_member()), signed_in(make_administrator())):
        assert MARKER not in section(other, post)
        assert section(other, post).startswith("Comments ")
    assert client.get(f"/news/comments/report/{held.pk}/").status_code == 302
    assert signed_in(make_member()).get(f"/news/comments/report/{held.pk}/").status_code == 404
    comments.approve(comment=held, by=make_administrator())
    assert MARKER in section(client, post)
    assert send(own, post, "The second.").status_code == 302
    assert "The second." in section(client, post)
