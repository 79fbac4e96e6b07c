"""Until when public pages are kept: what makes them anew, what does not, and who hears of it."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from wagtail.models import CollectionViewRestriction, PageViewRestriction

from fileshare.services import publish
from members.models import Organisation
from portal import freshness as fresh
from portal import page_cache
from portal.models import Author, Comment, HomePage, PostTag, SiteSettings, StandardPage, Topic
from tests.factories import make_administrator, make_folder, make_member, make_post
from tests.portal import visiting
from tests.portal.reading import make_note, set_site
from tests.portal.test_storages import make_picture

pytestmark = pytest.mark.django_db
look_each_time, visitor = visiting.look_each_time, visiting.visitor
CHECK_EVERY = fresh.CHECK_EVERY  # as the site has it


@pytest.fixture
def post(db):
    set_site(organisation_name="Safe Places", hold_first_comment=False)
    return make_post("A post")


def change_setting(post):
    SiteSettings.objects.get().save()


def comment(post):
    Comment.objects.create(post=post, author=make_member(), text="Words", state="appeared")


def attach_and_withdraw(post):
    paper = make_note()
    fresh.freshness.generation()
    publish.withdraw(document=paper, by=make_administrator(), reason="A slip.")


CHANGES = {
    "a published post": lambda post: make_post(),
    "a draft made public": lambda post: make_post(live=False).save_revision().publish(),
    "a post taken back": lambda post: post.unpublish(),
    "a post deleted": lambda post: post.delete(),
    "a page moved": lambda post: StandardPage.objects.get(slug="one").move(StandardPage.objects.get(slug="two")),
    "a private page": lambda post: PageViewRestriction.objects.create(
        page=post.page_ptr, restriction_type=PageViewRestriction.LOGIN
    ),
    "a setting": change_setting,
    "a topic": lambda post: Topic.objects.create(name="T", slug="t"),
    "a tag": lambda post: PostTag.objects.create(name="T"),
    "an author": lambda post: Author.objects.create(name="A", slug="a"),
    "an organisation": lambda post: Organisation.objects.create(name="O"),
    "a comment": comment,
    "a paper": lambda post: make_note(),
    "a withdrawn paper": attach_and_withdraw,
    "a folder": lambda post: make_folder(),
    "a folder's audience": lambda post: CollectionViewRestriction.objects.create(
        collection=make_folder(), restriction_type="groups"
    ).groups.set([]),
    "a picture": lambda post: make_picture(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_change_makes_the_page_anew_here_at_once_and_elsewhere_after_the_commit(
    change, visitor, post, django_capture_on_commit_callbacks
):
    home = HomePage.objects.get()
    for slug in ("one", "two"):
        home.add_child(instance=StandardPage(title=slug, slug=slug))
    elsewhere = fresh.Freshness()
    visitor.get("/")
    there = elsewhere.generation()
    assert elsewhere.generation() == there
    connection.run_on_commit.clear()  # of making the pages above
    with django_capture_on_commit_callbacks(execute=True) as announced:
        CHANGES[change](post)
        visitor.get("/")
        assert visitor.reached == 2
        assert elsewhere.generation() == there
    assert announced
    assert elsewhere.generation() != there
    visitor.get("/")
    assert visitor.reached == 3


@pytest.mark.parametrize("act", ["a draft is saved", "somebody signs in", "a read is counted"])
def test_what_the_public_does_not_see_keeps_the_page(act, visitor, post, client):
    member = make_member()
    visitor.get("/")
    if act == "a draft is saved":
        post.title = "Another"
        post.save_revision()
    elif act == "somebody signs in":
        client.post("/account/login/", {"login": member.email, "password": "correct horse battery"})
    else:
        client.post(f"/news/reads/{post.pk}/")
    visitor.get("/")
    assert visitor.reached == 1


def test_embargo_ends_expiry_comes_and_dated_post_appears_without_anybody_doing_anything(visitor, post):
    now = timezone.now()
    make_note(publish_at=now + datetime.timedelta(hours=1), expires_at=now + datetime.timedelta(hours=2))
    make_post(published_at=now + datetime.timedelta(hours=3))
    elsewhere = fresh.Freshness()
    with time_machine.travel(now, tick=False) as clock:
        seen = [elsewhere.generation()]
        for _ in range(3):
            clock.shift(3599)
            assert elsewhere.generation() == seen[-1]
            clock.shift(1)
            seen.append(elsewhere.generation())
            assert seen[-1] != seen[-2]
        clock.shift(86_400)
        assert elsewhere.generation() == seen[-1]


def test_page_grows_old_so_that_its_count_of_reads_follows(visitor, post, monkeypatch):
    monkeypatch.setattr(page_cache, "GROWS_OLD_AFTER", 0)
    visitor.get("/")
    visitor.get("/")
    assert visitor.reached == 2


def test_page_made_while_something_changes_is_made_again(visitor, post):
    handler = visitor.site._application

    def slow(environ, start_response):
        result = handler(environ, start_response)
        SiteSettings.objects.get().save()
        return result

    visitor.site._application = slow
    visitor.get("/")
    visitor.site._application = handler
    visitor.get("/")
    assert visitor.reached == 2


def test_shared_cache_that_is_away_means_that_nothing_kept_is_used(visitor, post, monkeypatch, caplog):
    visitor.get("/")

    def gone(*args, **kwargs):
        raise ConnectionError("away")

    monkeypatch.setattr(fresh.cache, "get", gone)
    assert [visitor.get("/robots.txt").status for _ in range(2)] == [200, 200]
    assert visitor.reached == 3
    assert caplog.text.count("The shared cache does not answer") == 1
    monkeypatch.undo()
    monkeypatch.setattr(fresh, "CHECK_EVERY", 0)
    visitor.get("/")
    assert visitor.reached == 3


def test_shared_cache_is_asked_at_most_once_a_second(visitor, post, monkeypatch):
    assert 0.5 < CHECK_EVERY < 1
    monkeypatch.setattr(fresh, "CHECK_EVERY", 3600)
    visitor.get("/")
    asked = []
    monkeypatch.setattr(fresh.cache, "get", lambda *args, **kwargs: asked.append(args))
    assert [visitor.get("/").status for _ in range(50)] == [200] * 50
    assert asked == []


def test_many_changes_in_one_transaction_are_announced_once(post, django_capture_on_commit_callbacks):
    connection.run_on_commit.clear()
    with django_capture_on_commit_callbacks() as announced:
        for number in range(5):
            Topic.objects.create(name=f"T{number}", slug=f"t{number}")
    assert announced.count(fresh._announce) == 1
