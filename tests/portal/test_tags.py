"""Tags of posts: at the foot of a post, as a part of the news, and apart from the tags of papers."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from portal.models import NewsPage, PostTag, TaggedPost
from portal.services import roles
from tests.factories import make_administrator, make_member, make_post, make_user
from tests.portal.reading import make_note, set_site, soup_of, words_of
from tests.portal.test_query_counts import one_and_many, queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(db):
    set_site(organisation_name="Safe Places")


def tagged(*tags: str, **fields) -> NewsPage:
    post = make_post(**fields)
    post.tags.set(tags)
    post.save()
    return post


def foot(post: NewsPage, client: Client | None = None):
    return soup_of(client or Client(), post.url).select_one(".post-tags")


def test_posts_foot_leads_to_the_posts_with_the_same_tag(client):
    first = tagged("Crowds & queues", "city centres", title="First")
    tagged("Crowds & queues", title="Second")
    tagged("heat", title="Third")
    found = foot(first)
    assert words_of(found) == "Tags: city centres , Crowds & queues"
    links = [(link["href"], link["rel"]) for link in found.select("a")]
    assert links == [("/news/tags/city-centres/", ["tag"]), ("/news/tags/crowds-queues/", ["tag"])]
    page = soup_of(client, "/news/tags/crowds-queues/")
    assert page.h1.get_text() == "Posts tagged “Crowds & queues”"
    assert page.title.get_text() == "Posts tagged “Crowds & queues” – Safe Places"
    assert [each.get_text(strip=True) for each in page.select(".post-card h2")] == ["Second", "First"]
    assert page.select_one("link[rel=canonical]")["href"].endswith("/news/tags/crowds-queues/")
    assert page.select(".topic-list") == []  # none of the topics is the current one
    assert [step.get_text() for step in page.select(".breadcrumbs a")][-1] == "News"


def test_post_without_tags_says_nothing_of_them(client):
    assert foot(make_post()) is None


def test_list_goes_on_for_older_posts(client):
    for number in range(11):
        tagged("heat", published_at=timezone.now() - datetime.timedelta(days=number + 1))
    page = soup_of(client, "/news/tags/heat/")
    assert len(page.select(".post-card")) == 10
    older = page.select_one(".pagination a[rel=next]")["href"]
    assert len(soup_of(client, older).select(".post-card")) == 1


def test_tag_of_which_nothing_is_public_does_not_exist_and_is_no_link(client, signed_in):
    tagged("draft", live=False)
    tagged("tomorrow", published_at=timezone.now() + datetime.timedelta(days=1))
    private = tagged("private", "known")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    tagged("known")
    PostTag.objects.create(name="unused")
    answers = {
        client.get(f"/news/tags/{slug}/").content for slug in ("draft", "tomorrow", "private", "unused", "never")
    }
    assert {client.get(f"/news/tags/{slug}/").status_code for slug in ("draft", "private", "unused", "")} == {404}
    assert not any(b"tagged" in answer for answer in answers)
    found = foot(private, signed_in(make_member()))
    assert words_of(found) == "Tags: known , private"
    assert [link["href"] for link in found.select("a")] == ["/news/tags/known/"]


def test_tags_of_papers_and_tags_of_posts_know_nothing_of_each_other(client, signed_in):
    paper = make_note()
    paper.tags.set(["Zanzibar paper", "both"])
    tagged("Zanzibar post", "both")
    assert client.get("/news/tags/zanzibar-paper/").status_code == 404
    assert PostTag.objects.get(name="both").slug == "both"
    admin = signed_in(make_administrator())
    assert admin.get("/admin/tag-autocomplete/portal/posttag/?term=zan").json() == ["Zanzibar post"]
    assert admin.get("/admin/tag-autocomplete/?term=zan").json() == ["Zanzibar paper"]
    assert admin.get("/admin/tag-autocomplete/portal/posttag/?term=").json() == []


def test_tags_are_suggested_to_those_who_write(signed_in):
    tagged("heat", live=False)
    PostTag.objects.create(name="heather, of no post")
    keeper = Group.objects.create(name="Door keepers")
    keeper.permissions.add(Permission.objects.get(codename="access_admin"))
    said = {
        group: signed_in(make_user(groups=(group,))).get("/admin/tag-autocomplete/portal/posttag/?term=HEA").json()
        for group in (roles.EDITORS, roles.SECRETARIES, keeper.name)
    }
    assert said == {roles.EDITORS: ["heat"], roles.SECRETARIES: [], keeper.name: []}


@pytest.mark.parametrize(("names", "slugs"), [
    (("Ünïcode",), ["unicode"]),
    (("???", "!!!"), ["tag", "tag-1"]),
    (("Heat", "heat"), ["heat", "heat-1"]),
    (("x" * 100,), ["x" * 90]),
])  # fmt: skip
def test_each_tag_has_an_address_of_plain_letters(client, names, slugs):
    tagged(*names)
    assert sorted(PostTag.objects.values_list("slug", flat=True)) == slugs
    for slug in slugs:
        assert client.get(f"/news/tags/{slug}/").status_code == 200


def test_no_post_takes_the_address_of_the_tags():
    with pytest.raises(ValidationError, match="is an address of the news list itself"):
        make_post(slug="tags")


def test_tags_ask_once_for_a_post_and_for_its_list():
    place = iter(range(100))

    def make(count: int) -> None:
        for _ in range(count):
            tagged("heat", f"number {next(place)}")

    assert one_and_many(make, 12, lambda: queries("/news/tags/heat/")) == (8, 8)
    few, many = tagged("heat"), tagged(*[f"tag {number}" for number in range(30)])
    assert queries(few.url) == queries(many.url)


def test_deleted_post_leaves_no_tag_of_its_own_behind(client):
    post = tagged("heat")
    post.delete()
    assert TaggedPost.objects.count() == 0
    assert client.get("/news/tags/heat/").status_code == 404


def test_draft_shows_its_tags_to_its_editor_alone(client, signed_in):
    post = tagged("heat")
    post.tags.set(["crowds"])
    post.save_revision()
    assert words_of(foot(post)) == "Tags: heat"
    draft = soup_of(signed_in(make_administrator()), f"/admin/pages/{post.pk}/view_draft/")
    assert words_of(draft.select_one(".post-tags")) == "Tags: crowds"
    assert draft.select(".post-tags a") == []
