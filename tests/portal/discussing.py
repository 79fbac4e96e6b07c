"""Comments: written by the service or sent from the page, and as the page shows them."""

from __future__ import annotations

from portal.models import Comment, SiteSettings
from portal.services import comments
from tests.factories import make_member
from tests.portal.reading import soup_of, words_of


def write(post, author=None, text="A few words.", **fields) -> Comment:
    site = SiteSettings.objects.get()
    facts = {"answers": None, "wants_mail": False} | fields
    return comments.write(post=post, author=author or make_member(), text=text, site=site, **facts)


def send(client, post, text="A few words.", **fields):
    return client.post(f"/news/comments/{post.pk}/write/", {"text": text, **fields})


def section(client, post) -> str:
    return words_of(soup_of(client, post.url).select_one("#comments"))
