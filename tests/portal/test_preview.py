"""The preview of a post: as a visitor has it, and as an ordinary member has it, whoever looks."""

from __future__ import annotations

import datetime

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone
from wagtail.models import GroupPagePermission

from members.models import AccessRecord, User
from portal.models import DailyReader, DailyReads, HomePage, NewsPage
from tests.factories import (
    make_administrator,
    make_editor_of,
    make_folder,
    make_member,
    make_paper,
    make_post,
    make_user,
)
from tests.portal.reading import MARKER, make_note, soup_of, words_of
from tests.portal.test_editor import add_address, fields

pytestmark = pytest.mark.django_db
OPEN, CLOSED = "Words for everybody.", "Words for members."


@pytest.fixture
def folder(db):
    return make_folder("Guidance")


def may_edit_posts(user: User) -> User:
    """Also whoever is in no other group may write."""
    group = Group.objects.create(name=f"Writers {user.pk}")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for codename in ("add_page", "change_page"):
        permission = Permission.objects.get(codename=codename, content_type__app_label="wagtailcore")
        GroupPagePermission.objects.create(group=group, page=HomePage.objects.get().page_ptr, permission=permission)
    user.groups.add(group)
    return user


@pytest.fixture
def papers(folder):
    """One paper of each sort, as `test_posts.panel_post` has them."""
    hour = datetime.timedelta(hours=1)
    return {
        "green": make_note(f"Green {MARKER}", collection=folder),
        "amber": make_paper(f"Amber {MARKER}", collection=folder, marking="TLP:AMBER"),
        "red": make_paper(f"Red {MARKER}", collection=folder, marking="TLP:RED"),
        "committee": make_note(f"Committee {MARKER}", collection=make_folder(groups=("Committee",))),
        "embargoed": make_note(f"Embargoed {MARKER}", collection=folder, publish_at=timezone.now() + hour),
        "withdrawn": make_note(f"Withdrawn {MARKER}", collection=folder, withdrawn_at=timezone.now()),
        "waiting": make_note(f"Waiting {MARKER}", collection=folder, inspected=False),
    }


@pytest.fixture
def post(papers):
    body = [
        ("text", f"<p>{OPEN}</p>"),
        ("documents", {"heading": "All of them", "documents": list(papers.values())}),
        ("members_only", None),
        ("text", f"<p>{CLOSED}</p>"),
    ]
    post = make_post("Papers", body=body)
    post.save_revision()
    return post


PEOPLE = ("administrator", "editor", "editor without membership")


def desk_of(kind: str, folder: object) -> Client:
    user = {
        "administrator": make_administrator,
        "editor": lambda: may_edit_posts(make_editor_of(folder)),
        "editor without membership": lambda: may_edit_posts(make_user()),
    }[kind]()
    client = Client()
    client.force_login(user)
    return client


def preview(client: Client, post: NewsPage, mode: str) -> BeautifulSoup:
    return soup_of(client, f"/admin/pages/{post.pk}/view_draft/?mode={mode}")


def rows(soup: BeautifulSoup) -> list[str]:
    return [words_of(row) for row in soup.select(".papers .paper-row")]


def main_of(soup: BeautifulSoup) -> str:
    return str(soup.select_one("main"))


@pytest.mark.parametrize("kind", PEOPLE)
def test_visitors_preview_is_what_a_visitor_gets(kind, folder, post):
    shown, live = preview(desk_of(kind, folder), post, "visitor"), soup_of(Client(), post.url)
    assert CLOSED not in str(shown)
    assert "The rest is for members" in words_of(shown)
    assert rows(shown) == rows(live)
    assert "Sign in to download" in rows(shown)[0]
    assert shown.select_one(".article-body").decode_contents() == live.select_one(".article-body").decode_contents()
    assert words_of(shown.select_one(".masthead-account")) == "Sign in"


@pytest.mark.parametrize("mode", ["", "editor", "MEMBER", "member%00"])
def test_unknown_mode_is_the_visitors(mode, folder, post):
    assert CLOSED not in str(preview(desk_of("administrator", folder), post, mode))


@pytest.mark.parametrize("kind", ["administrator", "editor"])
def test_members_preview_is_what_an_ordinary_member_gets(kind, folder, post, signed_in):
    shown, live = preview(desk_of(kind, folder), post, "member"), soup_of(signed_in(make_member()), post.url)
    assert CLOSED in str(shown)
    assert rows(shown) == rows(live)
    assert [row.split(f" {MARKER}")[0] for row in rows(shown)[:2]] == ["Green", "Amber"]
    assert rows(shown)[2].startswith("A restricted paper It is open to certain members only.")
    assert len(rows(shown)) == 3
    for hidden in ("Red", "Committee", "Embargoed", "Withdrawn", "Waiting"):
        assert f"{hidden} {MARKER}" not in str(shown)
    assert "Readers do not see this" not in str(shown)
    assert words_of(shown.select_one(".account-menu summary")) == "Your account: A member"
    assert not shown.select("main [role=status], .account-menu a[href='/admin/']")


def test_members_preview_names_no_paper_that_the_editor_may_not_see(folder, post, papers):
    shown = preview(desk_of("editor without membership", folder), post, "member")
    assert CLOSED in str(shown)
    assert len(rows(shown)) == 3
    assert rows(shown)[0].startswith(f"Green {MARKER}")
    assert rows(shown)[0].endswith("Open to members")
    assert rows(shown)[1] == (
        "A restricted paper Members can open it. It is not open to you, so that this preview does not name it. "
        "Open to members"
    )
    assert "certain members only" in rows(shown)[2]
    assert f"Amber {MARKER}" not in str(shown)
    assert not [paper for paper in papers.values() if str(paper.uuid) in str(shown)]
    assert "membership" not in main_of(shown)  # the editor's own standing is not the member's


def test_editor_of_the_live_page_still_sees_why_readers_do_not_see_a_paper(folder, post):
    live = soup_of(desk_of("editor", folder), post.url)
    said = [row for row in rows(live) if "Readers do not see this" in row]
    assert [row.split(f" {MARKER}")[0] for row in said] == ["Embargoed", "Withdrawn", "Waiting"]


def test_preview_of_a_post_that_is_not_saved_yet(folder):
    client = desk_of("editor", folder)
    assert client.post(f"{add_address()}preview/", fields()).json()["is_valid"] is True
    for mode in ("visitor", "member"):
        shown = soup_of(client, f"{add_address()}preview/?mode={mode}")
        assert shown.h1.get_text() == "What we learned"


@pytest.mark.parametrize("mode", ["visitor", "member"])
def test_preview_counts_no_read_and_writes_no_record(mode, folder, post):
    client = desk_of("administrator", folder)
    before = AccessRecord.objects.count()
    shown = preview(client, post, mode)
    assert not shown.select("script[src*=reads]")
    assert (DailyReads.objects.count(), DailyReader.objects.count()) == (0, 0)
    assert AccessRecord.objects.count() == before


@pytest.mark.parametrize("mode", ["visitor", "member"])
def test_preview_brings_the_editors_bar_for_its_check_and_a_member_has_none(mode, folder, post, signed_in):
    shown = preview(desk_of("editor", folder), post, mode)
    assert shown.select("wagtail-userbar")
    for client in (Client(), signed_in(make_member())):
        assert not soup_of(client, post.url).select("wagtail-userbar, script[src*=wagtailadmin]")
    assert soup_of(desk_of("administrator", folder), post.url).select("wagtail-userbar")


def test_any_member_is_in_no_group_and_opens_no_closed_folder():
    """A group without people must not be taken for the group of the person without a key."""
    from wagtail.models import Collection

    from fileshare import access
    from members.any_member import AnyMember

    make_folder("Closed", groups=("A group without people",))
    reader = AnyMember(shown_to=make_administrator())
    assert not access.open_collections(reader).filter(name="Closed").exists()
    assert access.open_collections(reader).filter(pk=Collection.get_first_root_node().pk).exists()
    assert not reader.has_perm("wagtailadmin.access_admin")


@pytest.mark.parametrize("mode", ["visitor", "member"])
def test_draft_s_preview_says_that_comments_come_with_publication(mode, signed_in):
    editor = make_administrator()
    draft = make_post("A draft", live=False, first_published_at=None)
    client = signed_in(editor)
    address = f"/admin/pages/{draft.pk}/view_draft/?mode={mode}"
    comments = words_of(soup_of(client, address).select_one("#comments"))
    assert comments == "Comments Comments stand here once the post is published."
    draft.allows_comments = False
    draft.save_revision()
    page = soup_of(client, address)
    assert "Comments stand here" not in str(page)
