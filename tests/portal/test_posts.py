"""The news list, and a post: what each kind of reader gets of it."""

from __future__ import annotations

import datetime
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from django.utils.lorem_ipsum import words
from wagtail.blocks import StreamBlockValidationError
from wagtail.models import PageViewRestriction, Workflow

from portal.models import Author, NewsPage, Topic
from tests.factories import make_folder, make_member, make_post, make_user
from tests.portal.reading import INSIDERS, MARKER, OUTSIDERS, PUBLIC_LISTS, ago, client_of, make_note, soup_of, words_of

pytestmark = pytest.mark.django_db


# --- The members' part ------------------------------------------------------------------------------------------
@pytest.fixture
def cut_post(db):
    """A post whose second part, with its heading and its paper, is for members."""
    paper = make_note(f"Paper {MARKER}", collection=make_folder("Guidance"))
    return make_post(
        "A post in two parts",
        body=[
            ("heading", {"text": "For everybody"}),
            ("text", "<p>The open part.</p>"),
            ("members_only", None),
            ("heading", {"text": f"Inside {MARKER}"}),
            ("text", f"<p>The closed part {MARKER}.</p>"),
            ("quote", {"text": MARKER, "attribution": ""}),
            ("documents", {"heading": f"Papers {MARKER}", "documents": [paper]}),
        ],
    )


@pytest.mark.parametrize("kind", OUTSIDERS)
def test_members_part_is_absent_for(kind, cut_post):
    client = client_of(kind)
    text = client.get(cut_post.url).content.decode()
    assert "The open part." in text
    assert "The rest is for members" in text
    for address in (cut_post.url, *PUBLIC_LISTS):
        assert MARKER not in client.get(address).content.decode(), address


@pytest.mark.parametrize("kind", INSIDERS)
def test_members_part_is_there_for(kind, cut_post):
    soup = soup_of(client_of(kind), cut_post.url)
    assert f"The closed part {MARKER}." in words_of(soup)
    assert "The rest is for members" not in words_of(soup)
    assert MARKER not in soup.select_one("meta[name=description]")["content"]


def test_members_part_is_there_for_an_editor_who_is_no_member(cut_post):
    client = Client()
    client.force_login(make_user(groups=("Editors",)))
    assert f"The closed part {MARKER}." in client.get(cut_post.url).content.decode()


def test_members_part_offers_a_visitor_the_way_in_and_back(client, cut_post):
    link = soup_of(client, cut_post.url).find("a", string="Sign in to read on")
    assert link["href"] == f"/account/login/?next={cut_post.url}"


def test_members_part_tells_a_lapsed_member_why_it_is_closed(cut_post):
    assert "Your membership has lapsed" in words_of(soup_of(client_of("lapsed"), cut_post.url).select_one(".gate"))


def test_post_cannot_be_cut_twice():
    post = make_post(body=[("members_only", None), ("text", "<p>x</p>"), ("members_only", None)])
    with pytest.raises(StreamBlockValidationError) as caught:
        post.body.stream_block.clean(post.body)
    assert "only once" in str(caught.value.as_json_data())


# --- Not published ----------------------------------------------------------------------------------------------
def draft() -> NewsPage:
    return make_post(f"Draft {MARKER}", slug="hidden", live=False)


def scheduled() -> NewsPage:
    post = make_post(f"Scheduled {MARKER}", slug="hidden", live=False)
    post.go_live_at = timezone.now() + datetime.timedelta(hours=1)
    post.save_revision().publish()
    return post


def in_review() -> NewsPage:
    post = make_post(f"Under review {MARKER}", slug="hidden", live=False)
    post.save_revision()
    Workflow.objects.get(name="review").start(post, make_user(groups=("Editors",)))
    return post


def expired() -> NewsPage:
    post = make_post(f"Expired {MARKER}", slug="hidden")
    post.unpublish()
    return post


@pytest.mark.parametrize("make_hidden", [draft, scheduled, in_review, expired])
@pytest.mark.parametrize("kind", ["visitor", "lapsed", "member"])
def test_post_that_is_not_published_is_nowhere(kind, make_hidden):
    topic = Topic.objects.create(name="Guidance", slug="guidance")
    before, after = (make_post(name, published_at=ago(hours=hours), topics=[topic]) for name, hours in
                     (("Before", 3), ("After", 0.1)))  # fmt: skip
    hidden = make_hidden()
    NewsPage.objects.filter(pk=hidden.pk).update(published_at=ago(hours=1))
    hidden.topics = [topic]
    client = client_of(kind)
    for address in ("/news/hidden/", *PUBLIC_LISTS, before.url, after.url, "/news/topics/guidance/"):
        response = client.get(address)
        assert response.status_code == (404 if address == "/news/hidden/" else 200), address
        assert MARKER not in response.content.decode(), address


@pytest.mark.parametrize(
    "address", ["/news/nothing/", "/news/a/b/", "/news/%00/", "/nothing/", "/news/é/", "/news/feed/x/"]
)
def test_address_without_page_is_not_found(client, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "There is nothing here for you to see" in response.content.decode()


def test_private_post_is_named_nowhere_and_asks_a_visitor_to_sign_in(client):
    post = make_post(f"Private {MARKER}", slug="private")
    PageViewRestriction.objects.create(page=post, restriction_type=PageViewRestriction.LOGIN)
    for address in PUBLIC_LISTS:
        assert MARKER not in client.get(address).content.decode(), address
    response = client.get("/news/private/")
    assert response.status_code == 302
    assert urlsplit(response["Location"]).path == "/account/login/"


@pytest.mark.parametrize("kind", [*OUTSIDERS, *INSIDERS])
def test_private_post_is_for_current_members(kind):
    post = make_post(slug="private", body=[("text", f"<p>{MARKER}</p>")])
    PageViewRestriction.objects.create(page=post, restriction_type=PageViewRestriction.LOGIN)
    response = client_of(kind).get("/news/private/")
    assert response.status_code == (200 if kind in INSIDERS else 302 if kind == "visitor" else 403)
    assert (MARKER in response.content.decode()) is (kind in INSIDERS)


@pytest.mark.parametrize("kind", ["member", "lapsed"])
def test_post_for_a_group_is_refused_to_others_and_nobody_goes_in_circles(kind):
    post = make_post(slug="private", body=[("text", f"<p>{MARKER}</p>")])
    restriction = PageViewRestriction.objects.create(page=post, restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.set([Group.objects.create(name="Committee")])
    response = client_of(kind).get("/news/private/", follow=True)
    assert (response.status_code, response.redirect_chain) == (403, [])
    assert MARKER not in response.content.decode()
    insider = Client()
    insider.force_login(make_member(groups=("Committee",)))
    assert MARKER in insider.get("/news/private/").content.decode()


# --- The post ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("slug", ["feed", "topics"])
def test_addresses_of_the_list_itself_cannot_be_slugs(slug):
    post = make_post()
    post.slug = slug
    with pytest.raises(ValidationError) as caught:
        post.full_clean()
    assert list(caught.value.message_dict) == ["slug"]


@pytest.mark.parametrize(("count", "minutes", "shown"), [(0, 1, "One minute"), (220, 1, "One minute"),
                                                        (221, 2, "Two minutes"), (2300, 11, "11 minutes")])  # fmt: skip
def test_reading_time_follows_from_the_words(client, count, minutes, shown):
    post = make_post(body=[("text", f"<p>{words(count, common=False)}</p>")] if count else [])
    assert post.reading_minutes == minutes
    assert shown in words_of(soup_of(client, post.url).select_one(".article-head"))


def test_contents_list_appears_with_four_sections(client):
    def with_headings(count: int) -> NewsPage:
        return make_post(body=[("heading", {"text": f"Part {number}"}) for number in range(1, count + 1)])

    assert not soup_of(client, with_headings(3).url).select(".contents")
    soup = soup_of(client, with_headings(4).url)
    anchors = [link["href"] for link in soup.select(".contents a")]
    assert anchors == ["#part-1", "#part-2", "#part-3", "#part-4"]
    assert all(soup.select_one(anchor).name == "h2" for anchor in anchors)


def test_sections_of_one_name_have_places_of_their_own(client):
    body = [("heading", {"text": text}) for text in ("Summary", "Summary", "Comments", "Related", "Summary")]
    soup = soup_of(client, make_post(body=body).url)
    headings = [heading["id"] for heading in soup.select(".prose h2[id]")]
    assert headings == ["summary", "summary-2", "comments-2", "related-2", "summary-3"]
    everything = [element["id"] for element in soup.select("[id]")]
    assert len(everything) == len(set(everything))
    assert [link["href"] for link in soup.select(".contents a")] == [f"#{each}" for each in headings]


def test_two_panels_of_one_name_have_places_of_their_own(client):
    papers = [make_note(collection=make_folder()) for _ in range(2)]
    panels = [("documents", {"heading": "The full documents", "documents": [paper]}) for paper in papers]
    soup = soup_of(client, make_post(body=panels).url)
    assert [panel["id"] for panel in soup.select(".papers")] == [
        "papers-the-full-documents",
        "papers-the-full-documents-2",
    ]
    assert soup.select("a.go")[1]["href"].endswith("%23papers-the-full-documents-2")


def test_previous_and_next_follow_the_dates_and_skip_the_unpublished(client):
    old, _draft, middle, new = (
        make_post(title, published_at=ago(days=days), live=live)
        for title, days, live in (("Old", 9, True), ("Draft", 7, False), ("Middle", 5, True), ("New", 1, True))
    )

    def neighbours(post: NewsPage) -> dict[str, str]:
        return {link["rel"][0]: link["href"] for link in soup_of(client, post.url).select(".post-neighbours a")}

    assert neighbours(old) == {"next": middle.url}
    assert neighbours(middle) == {"prev": old.url, "next": new.url}
    assert neighbours(new) == {"prev": middle.url}


def test_previous_and_next_reach_each_of_several_posts_of_one_moment(client):
    moment = ago(days=1)
    posts = [make_post(f"At once {number}", published_at=moment) for number in range(3)]
    seen, address = [], posts[0].url
    while address and address not in seen:
        seen.append(address)
        link = soup_of(client, address).select_one(".post-neighbours a[rel=next]")
        address = link["href"] if link else ""
    assert seen == [post.url for post in posts]


def test_head_names_authors_topics_and_date(client):
    authors = [Author.objects.create(name=name, slug=name.lower(), role=role) for name, role in
               (("Ada", "Secretary"), ("Ben", ""), ("Cas", ""))]  # fmt: skip
    topic = Topic.objects.create(name="Guidance", slug="guidance")
    post = make_post(
        authors=authors, topics=[topic], published_at=datetime.datetime(2026, 3, 29, 0, 30, tzinfo=datetime.UTC)
    )
    head = soup_of(client, post.url).select_one(".article-head")
    assert "By Ada (Secretary), Ben and Cas · 29 March 2026 · One minute" in words_of(head).replace(" ,", ",")
    assert head.select_one("a.topic")["href"] == "/news/topics/guidance/"


def test_description_is_the_search_description_or_else_the_standfirst(client):
    post = make_post(standfirst="Why <it> & matters.")
    assert soup_of(client, post.url).select_one("meta[name=description]")["content"] == "Why <it> & matters."
    post.search_description = "In a word."
    post.save()
    assert soup_of(client, post.url).select_one("meta[name=description]")["content"] == "In a word."
