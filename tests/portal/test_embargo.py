"""A post has a date: before it, the post does not exist for whoever may not edit it."""

from __future__ import annotations

import datetime

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from portal.models import Author, Comment, Topic
from portal.models.site_settings import SiteSettings
from portal.page_meta import card_address
from portal.services import roles
from tests.factories import make_member, make_post, make_user
from tests.portal.reading import MARKER, PUBLIC_LISTS, READERS, client_of

pytestmark = pytest.mark.django_db
BEHIND = {kind: make for kind, make in READERS.items() if kind != "administrator"}


def to_come(**fields):
    """A live post of tomorrow, with all that could tell of it."""
    topic = Topic.objects.create(name=f"{MARKER} topic", slug="to-come")
    author = Author.objects.create(name=f"{MARKER} author", slug="to-come")
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    return make_post(MARKER, slug="to-come", published_at=tomorrow, topics=[topic], authors=[author], **fields)


@pytest.mark.parametrize("kind", BEHIND)
def test_post_before_its_date_is_nowhere(kind):
    post = to_come()
    make_post("Of today")
    comment = Comment.objects.create(post=post, author=make_member(), text="Words", state="appeared")
    site = SiteSettings()
    client = client_of(kind)
    addresses = [
        post.url,
        card_address(post, site).removeprefix(settings.BASE_URL),
        f"/news/comments/{post.pk}/",
        f"/news/comments/{post.pk}/write/",
        "/news/topics/to-come/",
        "/news/topics/to-come/feed/",
        "/news/authors/to-come/",
        "/news/authors/to-come/feed/",
    ]
    if kind != "visitor":  # who is sent to sign in, whatever the number
        addresses.append(f"/news/comments/report/{comment.pk}/")
    for address in addresses:
        response = client.get(address)
        assert (response.status_code, MARKER in response.content.decode()) == (404, False), address
    for address in (*PUBLIC_LISTS, "/news/of-today/"):
        response = client.get(address)
        assert (response.status_code, MARKER in response.content.decode()) == (200, False), address
        assert "to-come" not in response.content.decode()


def test_private_post_before_its_date_sends_nobody_to_sign_in(client):
    post = to_come()
    PageViewRestriction.objects.create(page=post, restriction_type=PageViewRestriction.LOGIN)
    assert client.get(post.url).status_code == 404


def test_former_address_does_not_lead_to_a_post_before_its_date(client, django_capture_on_commit_callbacks):
    post = to_come()
    with django_capture_on_commit_callbacks(execute=True):
        post.slug = "renamed-to-come"
        post.save_revision().publish()
    response = client.get("/news/to-come/")
    assert (response.status_code, response.get("Location")) == (404, None)
    type(post).objects.filter(pk=post.pk).update(published_at=timezone.now())
    assert client.get("/news/to-come/")["Location"] == "/news/renamed-to-come/"


def test_editors_look_at_it_and_everybody_once_its_date_has_come(signed_in):
    post = to_come()
    editor = signed_in(make_user(groups=(roles.EDITORS,)))
    assert MARKER in editor.get(post.url).content.decode()
    assert editor.get(f"/news/comments/{post.pk}/").status_code == 200
    type(post).objects.filter(pk=post.pk).update(published_at=timezone.now())
    assert Client().get(post.url).status_code == Client().get(f"/news/comments/{post.pk}/").status_code == 200


def test_topic_of_drafts_and_private_posts_does_not_exist(client):
    topic = Topic.objects.create(name=MARKER, slug="merger", description=MARKER)
    make_post("Draft", live=False, topics=[topic])
    private = make_post("Private", topics=[topic])
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    make_post("Of today")
    for address in ("/news/topics/merger/", "/news/topics/merger/feed/"):
        response = client.get(address)
        assert (response.status_code, MARKER in response.content.decode()) == (404, False), address
    assert MARKER not in client.get("/news/").content.decode()
    make_post("Public", topics=[topic])
    for address in ("/news/topics/merger/", "/news/topics/merger/feed/"):
        assert MARKER in client.get(address).content.decode()
