"""Seeding pages, posts with their readers of the last weeks, and comments."""

from __future__ import annotations

import datetime
import io
import zlib
from collections.abc import Iterable
from typing import Any

from django.core.files.images import ImageFile
from django.utils import timezone
from wagtail.models import (
    Page,
    Site,
    Workflow,
)
from wagtail.rich_text import RichText

from fileshare.models import SharedDocument
from members.models import User
from portal.demo import (
    announced,
    association,
    blocks,
    discussions,
    pictures,
    posts,
)
from portal.models import (
    Author,
    Comment,
    ContactField,
    ContactPage,
    DailyReads,
    HomePage,
    NewsIndexPage,
    NewsPage,
    Picture,
    SiteSettings,
    StandardPage,
    Topic,
)
from portal.services import comments
from portal.services.roles import REVIEW

READ_FOR_DAYS = 40


def seed(by: User, shared: dict[str, SharedDocument]) -> None:
    """Whatever is not there yet; `shared` has the papers by their keys in the catalogue."""
    _pages(by, shared)
    _reads()
    _comments(by)


class _Pictures:
    """The demo's pictures, drawn when they are first wanted."""

    def __init__(self, by: User) -> None:
        self.by = by

    def __getitem__(self, key: str) -> Picture:
        title = pictures.PICTURES[key]
        existing = Picture.objects.filter(title=title).first()
        if existing is not None:
            return existing
        file = ImageFile(io.BytesIO(pictures.draw_picture(key)), name=f"{key}.png")
        picture = Picture(title=title, file=file, uploaded_by_user=self.by)
        picture.save()
        return picture


def _pages(by: User, shared: dict[str, SharedDocument]) -> None:
    drawn = _Pictures(by)
    home, news = HomePage.objects.get(), NewsIndexPage.objects.get()
    for page in association.PAGES:
        if not Page.objects.child_of(home).filter(slug=page.slug).exists():
            home.add_child(instance=_page(page, _body(page.body, drawn, shared)))
    topics = {topic.slug: _topic(place, topic) for place, topic in enumerate(posts.TOPICS)}
    authors = {author.slug: _author(author) for author in posts.AUTHORS}
    for post in posts.POSTS:
        if not Page.objects.child_of(news).filter(slug=post.slug).exists():
            _post(post, news, topics, authors, drawn, shared, by)


def _page(page: blocks.DemoPage, body: list[tuple[str, Any]]) -> StandardPage:
    facts: dict[str, Any] = {
        "title": page.title,
        "slug": page.slug,
        "introduction": page.introduction,
        "body": body,
        "show_in_menus": page.in_menu,
        "in_footer": not page.in_menu,
    }
    if not page.form:
        return StandardPage(**facts)
    contact = ContactPage(**facts, receivers=page.receivers, thank_you_text=page.thank_you_text)
    contact.form_fields = [
        ContactField(
            sort_order=place,
            label=field.label,
            field_type=field.kind,
            help_text=field.help_text,
            choices="\n".join(field.choices),
            required=field.required,
        )
        for place, field in enumerate(page.form)
    ]
    return contact


def _topic(place: int, topic: blocks.DemoTopic) -> Topic:
    defaults = {"name": topic.name, "description": topic.description, "order": place}
    return Topic.objects.get_or_create(slug=topic.slug, defaults=defaults)[0]


def _author(author: blocks.DemoAuthor) -> Author:
    defaults = {"name": author.name, "role": author.role, "biography": author.biography}
    return Author.objects.get_or_create(slug=author.slug, defaults=defaults)[0]


def _post(
    post: blocks.DemoPost,
    news: NewsIndexPage,
    topics: dict[str, Topic],
    authors: dict[str, Author],
    drawn: _Pictures,
    shared: dict[str, SharedDocument],
    by: User,
) -> None:
    page = NewsPage(
        title=post.title,
        slug=post.slug,
        standfirst=post.standfirst,
        published_at=post.published_at,
        cover=drawn[post.cover] if post.cover else None,
        cover_alt=pictures.PICTURES.get(post.cover, ""),
        pinned=post.pinned,
        body=_body(post.body, drawn, shared),
        live=post.state == "published",
        owner=by,
    )
    page.topics = [topics[slug] for slug in post.topics]
    page.authors = [authors[slug] for slug in post.authors]
    if post.go_live_in_days is not None:
        page.go_live_at = page.published_at = timezone.now() + datetime.timedelta(days=post.go_live_in_days)
    page.tags.set(post.tags)
    news.add_child(instance=page)
    revision = page.save_revision(user=by)
    if post.state in ("published", "scheduled"):
        revision.publish(user=by)
    elif post.state == "in_review":
        Workflow.objects.get(name=REVIEW).start(page, User.objects.get(email="editor@example.org"))
    if post.state == "published":
        NewsPage.objects.filter(pk=page.pk).update(
            first_published_at=post.published_at, last_published_at=post.published_at
        )
        announced.post(page)


def _body(
    parts: Iterable[blocks.DemoBlock], drawn: _Pictures, shared: dict[str, SharedDocument]
) -> list[tuple[str, Any]]:
    return [_block(part, drawn, shared) for part in parts]


def _block(  # noqa: C901, PLR0911 -- one branch for each kind of block
    block: blocks.DemoBlock, drawn: _Pictures, shared: dict[str, SharedDocument]
) -> tuple[str, Any]:
    """One block of a StreamField, as (name, value)."""

    def picture(key: str, alt: str, caption: str) -> dict[str, Any]:
        return {"picture": drawn[key], "alt": alt, "caption": caption}

    match block:
        case blocks.Heading(text):
            return "heading", {"text": text}
        case blocks.Text(html):
            return "text", RichText(html)
        case blocks.Quote(text, attribution):
            return "quote", {"text": text, "attribution": attribution}
        case blocks.PictureBlock(key, alt, caption):
            return "picture", picture(key, alt, caption)
        case blocks.Gallery(items):
            return "gallery", {"pictures": [picture(*item) for item in items]}
        case blocks.Table(caption, header, rows):
            return "table", {
                "table_caption": caption,
                "first_row_is_table_header": True,
                "first_col_is_header": False,
                "data": [list(header), *(list(row) for row in rows)],
            }
        case blocks.Documents(heading, keys):
            return "documents", {"heading": heading, "documents": [shared[key] for key in keys]}
        case blocks.Attribution(text):
            return "attribution", {"text": text}
        case blocks.MembersOnly():
            return "members_only", None
    raise TypeError(f"Unknown block {block!r}.")


def _reads() -> None:
    """Readers of the last weeks: most on a post's first days, fewer at weekends, the same at each seeding."""
    if DailyReads.objects.exists():
        return
    today = timezone.localdate()
    counts = []
    for post in NewsPage.objects.listed():
        out = timezone.localdate(post.published_at)
        for day in (today - datetime.timedelta(days=ago) for ago in range(min(READ_FOR_DAYS, (today - out).days + 1))):
            chance = zlib.crc32(f"{post.slug} {(today - day).days}".encode()) % 100 / 100
            most = (4 + 60 / (1 + (day - out).days / 3)) * (0.4 if day.weekday() > 4 else 1)
            counts.append(DailyReads(post=post, day=day, reads=round(most * (0.5 + chance / 2))))
    DailyReads.objects.bulk_create(counts)


def _comments(by: User) -> None:
    """Written and let appear through the services, and moved back to the days after the post."""
    if Comment.objects.exists():
        return
    site = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    made: list[Comment] = []
    for each in discussions.COMMENTS:
        post, author = NewsPage.objects.get(slug=each.post), User.objects.get(email=each.author)
        answered = None if each.answers is None else made[each.answers]
        comment = comments.write(
            post=post, author=author, text=each.text, site=site, answers=answered, wants_mail=False
        )
        if not each.held:
            comment = comments.approve(comment=comment, by=by)
        written = min(post.published_at + datetime.timedelta(days=each.days), timezone.now())
        Comment.objects.filter(pk=comment.pk).update(created_at=written)
        made.append(comment)
