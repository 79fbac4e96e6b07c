"""Comments below a post: who reads them, and how they are changed, withdrawn and reported."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from wagtail.models import PageViewRestriction

from portal import discussion, freshness
from portal.models import Comment, CommentReport, CommentState, SiteSettings
from portal.templatetags.discussion import shown_comment
from tests.factories import make_administrator, make_member, make_post, make_user
from tests.portal.discussing import section, write
from tests.portal.reading import MARKER, OUTSIDERS, client_of, set_site, soup_of, words_of

pytestmark = pytest.mark.django_db
ADDRESSES = ("/news/comments/{}/", "/news/comments/{}/write/", "/news/comments/{}/no-mail/")
OF_A_COMMENT = ("/news/comments/change/{}/", "/news/comments/withdraw/{}/", "/news/comments/report/{}/")


@pytest.fixture(autouse=True)
def site(db) -> SiteSettings:
    return set_site(organisation_name="Safe Places", hold_first_comment=False)


# --- Reading ----------------------------------------------------------------------------------------------------
def test_piece_of_a_comment_is_what_the_component_makes_of_the_thread_itself(rf):
    post, author, other = make_post(), make_member(first_name="A & B"), make_member()
    for by in (author, other, author, other):
        write(post, by, "<b> www.example.org")
    Comment.objects.update(state=CommentState.APPEARED)  # they were held for the link
    made = list(Comment.objects.order_by("pk"))
    write(post, other, "An answer.", answers=made[0])
    write(post, other, "Another.", answers=made[2])
    Comment.objects.filter(pk=made[0].pk).update(edited_at=timezone.now())
    Comment.objects.filter(pk=made[1].pk).update(state=CommentState.HELD)
    Comment.objects.filter(pk=made[2].pk).update(state=CommentState.REMOVED, removed_because="Not <here>.")
    request, seen = rf.get("/"), 0
    for request.user in (author, other, AnonymousUser()):
        found = discussion.of(post, request)
        for thread in found.threads:
            for may_answer, each in ((found.may_write, thread), *((False, answer) for answer in thread.answers)):
                values = {"thread": each, "can_answer": may_answer and each.comment.appears}
                itself = render_to_string("components/comment.html", values)
                assert shown_comment(each, may_answer) == itself
                seen += 1
    assert seen > 10


def test_author_sees_what_was_just_sent_where_others_wait_for_news_of_it(client, signed_in):
    post, author, other = make_post(), make_member(), make_member()
    readers = {"author": signed_in(author), "other": signed_in(other), "visitor": client}
    for each in readers.values():
        assert "There it is." not in each.get(f"{post.url}?x=1").content.decode()
    # As another process writes it, of which this one has not heard yet.
    Comment.objects.bulk_create([Comment(post=post, author=author, text="There it is.", state=CommentState.APPEARED)])
    found = {who: "There it is." in each.get(f"{post.url}?x=1").content.decode() for who, each in readers.items()}
    assert found == {"author": True, "other": False, "visitor": False}
    freshness.freshness.expire()  # it hears within a second
    for each in readers.values():
        assert "There it is." in each.get(f"{post.url}?x=1").content.decode()


def test_name_and_organisation_are_those_of_the_register_that_was_imported_last(client, tmp_path):
    post, file = make_post(), tmp_path / "register.csv"
    author = make_user("ada@example.org", first_name="", last_name="")
    Comment.objects.create(post=post, author=author, text="A few words.", state=CommentState.APPEARED)
    assert "Ada Ash" not in section(client, post)
    file.write_text("E-mail,First name,Last name,Organisation\nada@example.org,Ada,Ash,Zebra Guild\n")
    call_command("import_members", str(file))
    shown = section(client, post)
    assert ("Ada Ash" in shown, "Zebra Guild" in shown) == (True, True)
    file.write_text("E-mail,First name,Last name,Organisation\nada@example.org,Ada,Ash,Gnu Guild\n")
    call_command("import_members", str(file))
    shown = section(client, post)
    assert ("Zebra Guild" in shown, "Gnu Guild" in shown) == (False, True)


def test_everybody_reads_comments_with_name_and_organisation_but_no_address(client):
    post = make_post()
    first = write(post, make_member("ada@example.org", first_name="Ada", last_name="Ash"), "The first.\n\nIts second.")
    write(post, text="The answer.", answers=first)
    page = soup_of(client, post.url)
    assert page.select_one("#comments h2").string == "2 comments"
    assert page.select_one(".post-foot a[href='#comments']").string == "2 comments"
    shown = page.select_one(f"#comment-{first.pk}")
    assert shown.select_one("strong").string == "Ada Ash"
    assert [each.string for each in shown.select(".comment-text p")] == ["The first.", "Its second."]
    assert words_of(page.select_one(".answers .comment-text")) == "The answer."
    assert "ada@example.org" not in str(page)
    assert page.select_one("#comments form") is None
    way_in = page.select("#comments a")[-1]
    assert (way_in.string, way_in["href"]) == ("Sign in to comment", f"/account/login/?next={post.url}%23write")


def test_person_without_a_name_is_not_called_by_the_address(client):
    post = make_post()
    write(post, make_member("quiet@example.org", first_name="", last_name=""))
    page = str(soup_of(client, post.url))
    assert "A member" in page
    assert "quiet@example.org" not in page


def test_comment_of_a_deleted_account_stays_without_its_name(client):
    post, author = make_post(), make_member(first_name="Ada", last_name="Ash")
    write(post, author, "It stays.")
    author.delete()
    assert "A former member" in section(client, post)
    assert "It stays." in section(client, post)


@pytest.mark.parametrize("kind", OUTSIDERS)
@pytest.mark.parametrize("closed_by", ["setting", "members-only part"])
def test_comments_for_members_are_counted_and_not_shown_to_others(kind, closed_by, site, signed_in):
    body = [("text", "<p>Open</p>"), ("members_only", None), ("text", "<p>Closed</p>")]
    post = make_post(body=body if closed_by == "members-only part" else [])
    if closed_by == "setting":
        site.comment_readers = "members"
        site.save()
    made = write(post, make_member(first_name=MARKER), MARKER)
    client = client_of(kind)
    page = soup_of(client, post.url)
    assert "1 comment" in words_of(page.select_one("#comments"))
    assert MARKER not in str(page)
    assert MARKER not in client.get(f"/news/comments/{post.pk}/").content.decode()
    for address in OF_A_COMMENT:
        assert client.get(address.format(made.pk)).status_code == (302 if kind == "visitor" else 404)
    assert MARKER in section(signed_in(make_member()), post)


def test_comments_of_a_private_or_unpublished_post_do_not_exist(signed_in):
    private, draft, unknown = make_post(), make_post(live=False), 10**17
    PageViewRestriction.objects.create(page=private.page_ptr, restriction_type=PageViewRestriction.LOGIN)
    made = write(private, text=MARKER)
    lapsed = signed_in(make_member(standing="lapsed"))
    for client, key in [(Client(), private.pk), (lapsed, private.pk), (Client(), draft.pk), (lapsed, unknown)]:
        for address in ADDRESSES[:2]:
            answer = client.get(address.format(key))
            assert (answer.status_code, MARKER in answer.content.decode()) == (404, False)
    assert [lapsed.get(each.format(made.pk)).status_code for each in OF_A_COMMENT] == [404, 404, 404]
    assert [signed_in(make_member()).get(each.format(private.pk)).status_code for each in ADDRESSES[:2]] == [200, 200]


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "١"])
def test_all_comments_begin_at_a_key_or_not_at_all(client, after):
    assert client.get(f"/news/comments/{make_post().pk}/", {"after": after}).status_code == 404


def test_long_discussion_goes_on_on_a_page_of_its_own(client, monkeypatch):
    monkeypatch.setattr("portal.discussion.MOST_SHOWN", 2)
    monkeypatch.setattr("portal.views.comments.AT_ONCE", 2)
    post, author = make_post(), make_member()
    made = [write(post, author, f"Number {number}.") for number in range(5)]
    page = soup_of(client, post.url)
    assert page.select_one("#comments h2").string == "5 comments"
    seen, address = [], page.select_one("#comments .button")["href"]
    assert address == f"/news/comments/{post.pk}/"
    while address:
        page = soup_of(client, address)
        seen += [each["id"] for each in page.select(".comment")]
        further = page.select_one("#comments .button")
        address = f"/news/comments/{post.pk}/{further['href'].split('/')[-1]}" if further else None
    assert seen == [f"comment-{each.pk}" for each in made]


# --- Changing, withdrawing, reporting ---------------------------------------------------------------------------
def test_author_changes_a_comment_for_fifteen_minutes(signed_in):
    with time_machine.travel("2026-11-02 10:00Z", tick=False) as clock:
        post, author = make_post(), make_member()
        own, made = signed_in(author), write(post, author, "First words.")
        address = f"/news/comments/change/{made.pk}/"
        assert soup_of(own, address).select_one("textarea").string.strip() == "First words."
        clock.shift(14 * 60 + 59)
        assert own.post(address, {"text": "Better words."}).status_code == 302
        assert "· changed" in section(own, post)
        clock.shift(1)
        assert "Change" not in [each.string for each in soup_of(own, post.url).select(".comment-actions a")]
        answer = own.post(address, {"text": "Too late words."})
        assert answer.status_code == 400
        assert "A comment can be changed for fifteen minutes." in answer.content.decode()
        assert "Too late words." in answer.content.decode()
    made.refresh_from_db()
    assert made.text == "Better words."


def test_change_is_held_by_the_same_rules_and_cannot_free_what_waits(signed_in):
    post, author = make_post(), make_member()
    made = write(post, author, "Harmless.")
    signed_in(author).post(f"/news/comments/change/{made.pk}/", {"text": "See https://example.org/"})
    made.refresh_from_db()
    assert (made.state, made.held_because) == (CommentState.HELD, "It has a link.")
    signed_in(author).post(f"/news/comments/change/{made.pk}/", {"text": "Harmless again."})
    made.refresh_from_db()
    assert (made.state, made.held_because) == (CommentState.HELD, "It was changed while it waited.")


def test_nobody_changes_or_withdraws_what_another_wrote(signed_in):
    made = write(make_post(), text="Mine.")
    for other in (make_member(), make_administrator()):
        client = signed_in(other)
        assert client.post(f"/news/comments/change/{made.pk}/", {"text": "Yours."}).status_code == 404
        assert client.post(f"/news/comments/withdraw/{made.pk}/").status_code == 404
    made.refresh_from_db()
    assert (made.text, made.state) == ("Mine.", CommentState.APPEARED)


def test_withdrawn_words_are_gone_and_answers_stay(signed_in, client):
    post, author = make_post(), make_member(first_name=MARKER)
    made = write(post, author, MARKER)
    write(post, text="The answer.", answers=made)
    own = signed_in(author)
    address = f"/news/comments/withdraw/{made.pk}/"
    assert MARKER in words_of(soup_of(own, address))
    Comment.objects.filter(pk=made.pk).update(created_at=timezone.now() - datetime.timedelta(days=900))
    assert own.post(address).status_code == 302
    assert Comment.objects.get(pk=made.pk).text == ""
    page = soup_of(client, post.url)
    assert MARKER not in str(page)
    assert words_of(page.select_one(".comment-list")).startswith("Withdrawn by its author")
    assert page.select_one("#comments h2").string == "1 comment"
    assert own.post(address).status_code == 404


def test_withdrawn_comment_without_answers_leaves_nothing(signed_in, client):
    post, author = make_post(), make_member()
    made = write(post, author, MARKER)
    signed_in(author).post(f"/news/comments/withdraw/{made.pk}/")
    assert soup_of(client, post.url).select(".comment") == []


def test_member_reports_a_comment_once(signed_in):
    made, member = write(make_post()), make_member()
    client, address = signed_in(member), f"/news/comments/report/{made.pk}/"
    assert client.post(address, {"reason": " "}).status_code == 400
    assert client.post(address, {"reason": "x" * 301}).status_code == 400
    for reason in ("It is rude.", "It is very rude."):
        assert client.post(address, {"reason": reason}).status_code == 302
    assert [(each.by, each.reason) for each in CommentReport.objects.all()] == [(member, "It is very rude.")]
    assert signed_in(made.author).get(address).status_code == 404
    assert signed_in(make_member(standing="lapsed")).get(address).status_code == 404


def test_database_refuses_a_comment_taken_down_without_a_reason():
    made = write(make_post())
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.filter(pk=made.pk).update(state=CommentState.REMOVED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.filter(pk=made.pk).update(state="else")


def test_what_a_name_says_is_escaped_on_the_page(client):
    post = make_post()
    write(post, make_member(first_name="<b>Ada</b>"))
    assert escape("<b>Ada</b>") in str(soup_of(client, post.url).select_one(".comment"))
