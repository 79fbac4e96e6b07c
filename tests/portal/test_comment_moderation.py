"""Looking after comments in the administration: who may, one or many at a time, and what the author hears."""

from __future__ import annotations

import pytest
from django.urls import reverse

from members.models import AccessRecord
from portal.models import Comment, CommentState, SiteSettings
from portal.services import comments, roles
from tests.factories import make_administrator, make_member, make_post, make_user
from tests.portal.reading import MARKER, set_site, soup_of, words_of

pytestmark = pytest.mark.django_db
LIST = "/admin/snippets/portal/comment/"


@pytest.fixture(autouse=True)
def site(db) -> SiteSettings:
    return set_site(organisation_name="Safe Places")


@pytest.fixture
def editor(signed_in):
    return signed_in(make_user(groups=(roles.EDITORS,)))


def write(post=None, text="A few words.", author=None) -> Comment:
    return comments.write(
        post=post or make_post(),
        author=author or make_member(),
        text=text,
        site=SiteSettings.objects.get(),
        wants_mail=False,
    )


def decide(client, action: str, *found: Comment, **fields):
    keys = "&".join(f"id={each.pk}" for each in found)
    return client.post(
        f"{reverse('wagtail_bulk_action', args=['portal', 'comment', action])}?{keys}&next={LIST}", fields
    )


def states(*found: Comment) -> list[str]:
    return [Comment.objects.get(pk=each.pk).state for each in found]


def rows(client, query: str = "") -> list[str]:
    return [
        words_of(each) for each in soup_of(client, f"{LIST}?{query}").select("table.listing tbody tr .title-wrapper")
    ]


def test_editor_lets_several_appear_and_each_is_recorded(editor):
    first, second, third = write(), write(), write()
    assert decide(editor, "approve", first, second).status_code == 302
    assert states(first, second, third) == ["appeared", "appeared", "held"]
    kept = AccessRecord.objects.filter(action="comment_approved").order_by("pk")
    assert [each.object_id for each in kept] == [str(first.pk), str(second.pk)]


def test_comment_is_taken_down_for_a_reason_that_its_author_reads(editor, signed_in, client):
    post, author = make_post(), make_member()
    made = write(post, MARKER, author)
    decide(editor, "approve", made)
    refused = decide(editor, "remove", made, reason=" ")
    assert (refused.status_code, states(made)) == (200, ["appeared"])
    assert decide(editor, "remove", made, reason="It names a person.").status_code == 302
    assert MARKER not in str(soup_of(client, post.url))
    own = words_of(soup_of(signed_in(author), post.url).select_one("#comments"))
    assert MARKER in own
    assert "An editor took your comment down: It names a person. Only you and the editors see it." in own
    assert AccessRecord.objects.get(action="comment_removed").said.text == "It names a person."
    decide(editor, "approve", made)
    assert MARKER in str(soup_of(client, post.url))


def test_withdrawn_comment_is_passed_over_and_said(editor):
    made, withdrawn = write(), write()
    comments.withdraw(comment=withdrawn, by=withdrawn.author)
    decide(editor, "approve", made, withdrawn)
    assert states(made, withdrawn) == ["appeared", "withdrawn"]
    said = words_of(soup_of(editor, LIST).select_one(".messages"))
    assert "1 comment on the site. 1 had been withdrawn by the author." in said


def test_all_means_all_that_wait(editor):
    held, up = write(), write()
    decide(editor, "approve", up)
    address = reverse("wagtail_bulk_action", args=["portal", "comment", "remove"])
    assert editor.post(f"{address}?id=all&next={LIST}", {"reason": "Advertising."}).status_code == 302
    assert states(held, up) == ["removed", "appeared"]


def test_list_shows_where_each_stands_and_is_filtered(editor, site):
    up, held = write(text="That one."), write(text="This one.")
    decide(editor, "approve", up)
    comments.report(comment=up, by=make_member(), reason="It is rude.")
    assert rows(editor) == ["This one.", "That one."]
    assert rows(editor, "state=held") == ["This one."]
    assert rows(editor, "is_reported=true") == ["That one."]
    assert rows(editor, "is_reported=false") == ["This one."]
    assert rows(editor, "q=that") == ["That one."]
    assert rows(editor, "state=nonsense") == []
    page = words_of(soup_of(editor, f"{LIST}inspect/{up.pk}/").select_one("main"))
    assert "It is rude." in page
    assert "Leave it on the site" in page
    decide(editor, "approve", up)
    assert rows(editor, "is_reported=true") == []
    assert held.state == CommentState.HELD


def test_words_are_inert_in_the_administration(editor):
    made = write(text="<script>alert(1)</script>\n\nSecond <b>paragraph</b>.")
    for address in (LIST, f"{LIST}inspect/{made.pk}/", "/admin/"):
        page = editor.get(address).content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("action", ["approve", "remove"])
def test_whoever_may_not_moderate_decides_nothing(action, signed_in):
    made = write()
    for person in (make_member(), make_user(groups=(roles.SECRETARIES,)), make_user(groups=(roles.AUDITORS,))):
        client = signed_in(person)
        decide(client, action, made, reason="No.")
        assert client.get(LIST).status_code in (302, 403)
        assert client.get(f"{LIST}inspect/{made.pk}/").status_code in (302, 403)
    assert states(made) == ["held"]


@pytest.mark.parametrize("address", ["add/", "edit/{}/", "delete/{}/", "copy/{}/"])
def test_nobody_adds_edits_or_deletes_a_members_words(address, editor, signed_in):
    made = write(text="As they were.")
    for client in (editor, signed_in(make_administrator())):
        answer = client.post(LIST + address.format(made.pk), {"text": "Other words.", "state": "appeared"})
        assert answer.status_code in (302, 403, 404)
        delete = reverse("wagtail_bulk_action", args=["portal", "comment", "delete"])
        client.post(f"{delete}?id={made.pk}")
    made.refresh_from_db()
    assert (made.text, made.state) == ("As they were.", "held")


def test_desk_names_what_waits_and_what_was_reported(editor):
    held, reported, fine = write(text="Held."), write(text="Rude."), write(text="Fine.")
    for each in (reported, fine):
        decide(editor, "approve", each)
    comments.report(comment=reported, by=make_member(), reason="It is rude.")
    panel = next(
        each for each in soup_of(editor, "/admin/").select(".w-panel--dashboard") if "Comments to" in str(each)
    )
    found = [(each.a.get_text(strip=True), each.a["href"]) for each in panel.select(".desk-list li")]
    assert found == [
        ("Held.", f"{LIST}inspect/{held.pk}/"),
        ("Rude.", f"{LIST}inspect/{reported.pk}/"),
    ]
    assert "It is this member's first comment." in words_of(panel)
    assert "A member has reported it." in words_of(panel)


def test_record_names_the_post_only_where_it_is_public(signed_in):
    public, draft = make_post("A public post"), make_post(MARKER, live=False)
    made = write(public)
    Comment.objects.filter(pk=write(make_post()).pk).update(post=draft)
    auditor = signed_in(make_user(groups=(roles.AUDITORS,)))
    page = words_of(soup_of(auditor, "/admin/access-record/").select_one("main"))
    assert f"A comment on “A public post” ({made.pk})" in page
    assert "A comment on a post that is not public" in page
    assert MARKER not in page
