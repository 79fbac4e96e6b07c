"""The list of posts, whole and in parts."""

from __future__ import annotations

from itertools import groupby
from typing import Any, ClassVar

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import conditional_page
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.models import Page

from portal import freshness, sections
from portal.models.posts import NewsPage, mark_papers
from portal.models.site_settings import SiteSettings
from portal.models.tags import PostTag
from portal.models.topics import NEWS, Author, Topic
from portal.page_meta import PageMeta, absolute, breadcrumbs
from portal.sections import Section


class NewsIndexPage(RoutablePageMixin, Page):
    """The list of all posts, and of those of a topic, an author, a year or a month."""

    template = "pages/news_index_page.html"
    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["portal.HomePage"]
    subpage_types: ClassVar[list[str]] = ["portal.NewsPage"]

    class Meta:
        verbose_name = "news list"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        section: Section = kwargs.get("section") or sections.everything()
        context["breadcrumbs"] = [{"name": name, "url": url} for name, url in (("News", NEWS), *section.above)]
        if "years" in kwargs:
            return context | {"section": section, "meta": _meta(request, section, "")}
        shown = sections.slice_of(section, request)
        mark_papers(shown.posts)
        return context | {
            "section": section,
            "topics": [
                {"name": each.name, "url": each.get_absolute_url(), "is_current": each == section.topic}
                for each in freshness.kept("topics with posts", lambda: list(_topics()))
            ],
            "shown": shown,
            "meta": _meta(request, section, shown.query),
            "feed_url": (section if section.has_feed else sections.everything()).feed_address,
        }

    @path("")
    def all_posts(self, request: HttpRequest) -> HttpResponse:
        return self._listed(request, sections.everything())

    @path("topics/<slug:slug>/")
    def posts_of_topic(self, request: HttpRequest, slug: str) -> HttpResponse:
        return self._listed(request, sections.of_topic(_topic(slug)))

    @path("tags/<slug:slug>/")
    def posts_with_tag(self, request: HttpRequest, slug: str) -> HttpResponse:
        tagged = sections.with_tag(get_object_or_404(PostTag, slug=slug))
        return self._listed(request, tagged, must_have_posts=True)

    @path("authors/<slug:slug>/")
    def posts_of_author(self, request: HttpRequest, slug: str) -> HttpResponse:
        return self._listed(request, sections.of_author(_author(slug)))

    @path("archive/")
    def archive(self, request: HttpRequest) -> HttpResponse:
        """The months that have posts."""
        months = NewsPage.objects.listed().order_by("-month").values("month").annotate(count=Count("pk"))
        years = [(year, list(group)) for year, group in groupby(months, lambda each: each["month"].year)]
        section = Section("Archive", sections.ARCHIVE, "All news by month.")
        response: HttpResponse = self.render(
            request,
            context_overrides={"years": years},
            template="pages/news_archive.html",
            section=section,
            years=years,
        )
        return response

    @path("archive/<int:year>/")
    def posts_of_year(self, request: HttpRequest, year: int) -> HttpResponse:
        return self._listed(request, sections.of_year(year), must_have_posts=True)

    @path("archive/<int:year>/<int:month>/")
    def posts_of_month(self, request: HttpRequest, year: int, month: int) -> HttpResponse:
        return self._listed(request, sections.of_month(year, month), must_have_posts=True)

    @path("feed/")
    def feed(self, request: HttpRequest) -> HttpResponse:
        return _feed(request, sections.everything())

    @path("topics/<slug:slug>/feed/")
    def feed_of_topic(self, request: HttpRequest, slug: str) -> HttpResponse:
        return _feed(request, sections.of_topic(_topic(slug)))

    @path("authors/<slug:slug>/feed/")
    def feed_of_author(self, request: HttpRequest, slug: str) -> HttpResponse:
        return _feed(request, sections.of_author(_author(slug)))

    def _listed(self, request: HttpRequest, section: Section, *, must_have_posts: bool = False) -> HttpResponse:
        if must_have_posts and not section.posts().exists():
            raise Http404("No posts.")
        response: HttpResponse = self.render(request, section=section)
        return response

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        return [{"location": absolute(address), "lastmod": changed} for address, changed in sections.changes()]


def _topic(slug: str) -> Topic:
    """Whatever the public may read something about."""
    topic: Topic = get_object_or_404(_topics(), slug=slug)
    return topic


def _topics() -> QuerySet[Topic]:
    return Topic.objects.filter(Exists(NewsPage.objects.listed().filter(topics=OuterRef("pk"))))


def _author(slug: str) -> Author:
    """Whoever has written something that the public may read."""
    written = NewsPage.objects.listed().filter(authors=OuterRef("pk"))
    author: Author = get_object_or_404(Author.objects.filter(Exists(written)), slug=slug)
    return author


def _feed(request: HttpRequest, section: Section) -> HttpResponse:
    from portal.feeds import NewsFeed  # noqa: PLC0415 -- the feed reads posts

    return conditional_page(NewsFeed(section))(request)


def _meta(request: HttpRequest, section: Section, place: str) -> PageMeta:
    name = SiteSettings.for_request(request).organisation_name
    here = () if section.address == NEWS else ((section.title, section.address),)
    steps = ((name, "/"), ("News", NEWS), *section.above, *here)
    return PageMeta(
        absolute(section.address + place),
        section.title,
        section.description or f"News from {name}",
        structured=[breadcrumbs(*steps)],
    )
