"""A post's text is made once for everybody, and nobody gets by it what was made for another."""

from __future__ import annotations

import datetime
from unittest.mock import Mock

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.images.models import SourceImageIOError
from wagtail.models import PageViewRestriction

from fileshare.services import publish
from portal import freshness
from portal.models import NewsPage, Picture
from tests.factories import make_administrator, make_folder, make_member, make_paper, make_post
from tests.portal.reading import set_site
from tests.portal.test_storages import make_picture

pytestmark = pytest.mark.django_db
PUBLIC, FOR_MEMBERS = "Words for everybody", "Words for members alone"
# What each kind of reader finds: the members' words, the way to the open paper, to the committee's, to the one below.
EXPECTED = {
    "visitor": (False, False, False, False),
    "lapsed": (False, False, False, False),
    "member": (True, True, False, True),
    "committee": (True, True, True, True),
}


@pytest.fixture
def papers():
    folders = (make_folder("Open"), make_folder("Closed", groups=("Committee",)), make_folder("Below"))
    return [
        make_paper(f"Paper {number}", content=b"text", file_name="a.txt", collection=folder)
        for number, folder in enumerate(folders)
    ]


@pytest.fixture
def post(papers):
    set_site(organisation_name="Safe Places")  # the first page of all would make them, and forget what it remembers
    return make_post(
        "Read on",
        body=[
            ("text", f"<p>{PUBLIC}</p>"),
            ("documents", {"heading": "Papers", "documents": papers[:2]}),
            ("members_only", None),
            ("text", f"<p>{FOR_MEMBERS}</p>"),
            ("documents", {"heading": "More", "documents": papers[2:]}),
        ],
    )


@pytest.fixture
def readers(signed_in):
    return {
        "visitor": Client(),
        "lapsed": signed_in(make_member(standing="lapsed")),
        "member": signed_in(make_member()),
        "committee": signed_in(make_member(groups=("Committee",))),
    }


def text_at(client: Client, post: NewsPage) -> str:
    """Past the page cache."""
    return client.get(f"{post.url}?x=1").content.decode()


@pytest.mark.parametrize("first", EXPECTED)
def test_each_reader_gets_their_own_whoever_asked_before(first, readers, post, papers):
    for who in (first, *EXPECTED, first):
        text = text_at(readers[who], post)
        found = (FOR_MEMBERS in text, *(paper.download_url in text for paper in papers))
        assert (who, PUBLIC in text, found) == (who, True, EXPECTED[who])
        assert ("Sign in to download" in text) == (who == "visitor")


def test_text_and_pictures_are_not_asked_for_again(client, post, django_assert_num_queries):
    text_at(client, post)
    # The post itself, whose privacy is asked each time; how many comments it has; Wagtail's own note of the site.
    with django_assert_num_queries(3):
        text_at(client, post)


def test_change_is_there_with_the_next_request(readers, post):
    for client in readers.values():
        text_at(client, post)
    post.body = [("text", "<p>Other words</p>")]
    post.save_revision().publish()
    for client in readers.values():
        text = text_at(client, post)
        assert "Other words" in text
        assert PUBLIC not in text


def test_withdrawn_paper_is_gone_for_everybody_with_the_next_request(readers, post, papers):
    for client in readers.values():
        text_at(client, post)
    publish.withdraw(document=papers[0], by=None, reason="A slip.")
    assert [papers[0].title in text_at(client, post) for client in readers.values()] == [False] * 4


def test_post_that_turns_private_is_asked_about_before_anything_remembered_is_used(readers, post):
    for client in readers.values():
        text_at(client, post)
    # As another process would do it, of which this one has not heard yet.
    PageViewRestriction.objects.bulk_create([PageViewRestriction(page=post, restriction_type="login")])
    answers = {who: client.get(f"{post.url}?x=1").status_code for who, client in readers.items()}
    assert answers == {"visitor": 302, "lapsed": 403, "member": 200, "committee": 200}


@pytest.mark.parametrize("who", ["visitor", "lapsed"])
def test_text_that_changes_while_a_page_is_made_is_not_remembered_as_it_was(who, readers, monkeypatch):
    set_site(organisation_name="Safe Places")
    public, below = ("text", f"<p>{PUBLIC}</p>"), ("text", f"<p>{FOR_MEMBERS}</p>")
    post, serve = make_post("Read on", body=[public, below]), NewsPage.serve

    def changed_meanwhile(self, request):
        monkeypatch.setattr(NewsPage, "serve", serve)
        now = NewsPage.objects.get(pk=self.pk)
        now.title, now.body = "Read no more", [public, ("members_only", None), below]
        now.save_revision().publish()
        return serve(self, request)

    monkeypatch.setattr(NewsPage, "serve", changed_meanwhile)
    assert FOR_MEMBERS in text_at(readers[who], post)  # it was asked for before the change
    text = text_at(readers[who], post)
    assert (PUBLIC in text, FOR_MEMBERS in text) == (True, False)
    assert '"Read on"' not in text  # nor in what the head says of it


@pytest.mark.parametrize("place", ["cover", "body", "logo"])
def test_picture_that_could_not_be_had_for_a_moment_is_there_with_the_next_request(place, readers, monkeypatch):
    picture = make_picture(size=(90, 60))
    set_site(organisation_name="Safe Places", **({"logo": picture} if place == "logo" else {}))
    body = [("picture", {"picture": picture, "alt": "A field", "caption": ""})] if place == "body" else []
    post = make_post(body=body, **({"cover": picture} if place == "cover" else {}))
    clients = [readers["visitor"], readers["lapsed"]]
    with monkeypatch.context() as patch:
        patch.setattr(Picture, "generate_rendition_file", Mock(side_effect=SourceImageIOError))
        assert ["/media/not-found" in text_at(client, post) for client in clients] == [True, True]
    assert ["/media/not-found" in text_at(client, post) for client in clients] == [False, False]


def test_private_post_is_made_for_each_reader(readers, post, monkeypatch):
    monkeypatch.setattr(freshness, "_memory", {})
    PageViewRestriction.objects.create(page=post, restriction_type="login")
    assert FOR_MEMBERS in text_at(readers["member"], post)
    assert not [name for name in freshness._memory if name.startswith(f"text of post {post.pk}")]


def test_post_before_its_date_is_not_remembered_for_its_editor(signed_in, post, monkeypatch):
    monkeypatch.setattr(freshness, "_memory", {})
    NewsPage.objects.filter(pk=post.pk).update(published_at=timezone.now() + datetime.timedelta(days=1))
    assert PUBLIC in text_at(signed_in(make_administrator()), post)
    assert not [name for name in freshness._memory if name.startswith(f"text of post {post.pk}")]
