"""The sitemap: every public page with the day of its newest change (https://www.sitemaps.org/protocol.html)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sitemaps.views import SitemapIndexItem
from django.contrib.sitemaps.views import sitemap as answer_with
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe
from wagtail.contrib.sitemaps import Sitemap


class PublicPages(Sitemap):  # type: ignore[misc]  # Wagtail has no types
    limit = 10_000  # pages a file; the protocol allows 50,000 addresses, and a page may have several


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """One file of addresses; where they are too many for it, a list of files, each at `?p=` and its number."""
    pages = PublicPages(request)
    files = 1 if "p" in request.GET else pages.paginator.num_pages
    if files == 1:
        return answer_with(request, {"pages": pages})
    items = [SitemapIndexItem(f"{settings.BASE_URL}/sitemap.xml?p={number}") for number in range(1, files + 1)]
    return TemplateResponse(request, "sitemap_index.xml", {"sitemaps": items}, content_type="application/xml")
