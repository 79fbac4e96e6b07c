"""The front page and the standard pages."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef
from django.urls import get_resolver
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtail.search import index

from fileshare import folders
from fileshare.models import SharedDocument
from portal import access
from portal.blocks import BodyField, PageBody, tell_apart, words_of
from portal.models.site_settings import SiteSettings
from portal.models.topics import NEWS
from portal.models.view_counts import reads_of
from portal.page_meta import PageMeta, absolute, breadcrumbs

if TYPE_CHECKING:
    from django.http import HttpRequest

LATEST_POSTS = 5
NEWEST_PAPERS = 5
SLUG = re.compile(r"[\w-]+")


@cache
def reserved_slugs() -> frozenset[str]:
    """The first part of each address that is not a page's, such as “files”: a page there would never be seen."""
    addresses = [str(each.pattern).lstrip("^") for each in get_resolver().url_patterns]
    parts = (address.partition("/")[0] for address in (*addresses, settings.STATIC_URL.lstrip("/")))
    return frozenset(part for part in parts if SLUG.fullmatch(part))


@cache
def _question_for_post() -> tuple[str, tuple[Any, ...]]:
    """As SQL with its parameters, the slug and the whole address last: Django takes longer to word it than the
    database to answer. The slug has an index, the whole address has none."""
    from portal.models.posts import NewsPage  # noqa: PLC0415 -- posts and the front page know each other

    posts = NewsPage.objects.live().defer("public_text").order_by()
    posts = posts.annotate(is_private=access.is_private(), reads_so_far=reads_of(OuterRef("pk")))
    sql, parameters = posts.filter(slug="", url_path="").query.sql_with_params()
    return sql, tuple(parameters)


class HomePage(Page):
    """The front page: a lead story, the latest news, the papers, the way in."""

    template = "pages/home_page.html"
    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = ["portal.NewsIndexPage", "portal.StandardPage", "portal.ContactPage"]

    class Meta:
        verbose_name = "front page"

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        """As Wagtail's, which asks twice for each step down; a post is found in one question."""
        from portal.models.posts import NewsPage  # noqa: PLC0415 -- posts and the front page know each other

        if len(path_components) == 2:
            address = f"{self.url_path}{'/'.join(path_components)}/"
            sql, parameters = _question_for_post()
            found = NewsPage.objects.raw(sql, [*parameters[:-2], path_components[1], address])
            for post in found:
                post.is_private = bool(post.is_private)  # SQLite says 0 or 1
                return post.route(request, [])
        return super().route(request, path_components)

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        from portal.models.posts import NewsPage  # noqa: PLC0415 -- posts and the front page know each other

        changes = (self.last_published_at, NewsPage.objects.listed().newest_change())
        changed = max((each for each in changes if each), default=None)
        return [{"location": self.get_full_url(request), "lastmod": changed}]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from portal.models.posts import NewsPage, mark_papers  # noqa: PLC0415 -- posts and the front page know each other

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        listed = NewsPage.objects.listed()
        lead = listed.lead()
        latest = list(listed.for_cards().exclude(pk=lead.pk)[:LATEST_POSTS]) if lead else []
        mark_papers([lead, *latest] if lead else [])
        user = request.user
        if user.is_authenticated and user.is_current_member:
            tree = folders.tree_for(user)
            newest = list(SharedDocument.objects.visible_to(user).with_facts().newest_first()[:NEWEST_PAPERS])
        else:
            tree, newest = folders.tree_for_any_member(), []
        site = SiteSettings.for_request(request)
        return context | {
            "lead": lead,
            "latest": latest,
            "folders": [{"name": node.name, "url": node.url, "count": node.count} for node in tree.top if node.count],
            "paper_total": tree.total,
            "newest_papers": newest,
            "news_url": NEWS,
            "meta": PageMeta(absolute("/"), site.organisation_name, site.strapline),
        }


class StandardPage(Page):
    """A page that stands by itself: about, joining, privacy."""

    introduction = models.TextField(blank=True, help_text="One or two sentences under the title.")
    body = BodyField(PageBody(), blank=True)
    in_footer = models.BooleanField(
        "in the footer", default=False, help_text="Whether the foot of each page links here."
    )

    public_text = models.TextField(default="", editable=False)  # the words of the body, for search; written by `save`

    template = "pages/standard_page.html"
    subpage_types: ClassVar[list[str]] = ["portal.StandardPage"]
    content_panels = [*Page.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    promote_panels = [*Page.promote_panels, FieldPanel("in_footer")]
    search_fields = [*Page.search_fields, index.SearchField("introduction"), index.SearchField("public_text")]

    class Meta:
        verbose_name = "page"

    def clean(self) -> None:
        super().clean()
        if self.slug in reserved_slugs():
            raise ValidationError({"slug": f"“{self.slug}” is an address of the site itself; choose another."})

    def save(self, *args: Any, **kwargs: Any) -> Any:
        self.public_text = words_of(self.body)
        return super().save(*args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        blocks = list(self.body)
        tell_apart(blocks)
        site, address = SiteSettings.for_request(request), self.get_url(request) or ""
        description = self.search_description or self.introduction
        path = breadcrumbs((site.organisation_name, "/"), (self.title, address))
        meta = PageMeta(absolute(address), self.title, description, structured=[path])
        return context | {"blocks": blocks, "meta": meta}
