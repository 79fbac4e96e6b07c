"""What every page needs: the association's own words, the menus, and where the reader stands."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from wagtail.models import Page, Site

from members import standing
from portal import access, bell, freshness, known_site, sections
from portal.models import SiteSettings, StandardPage


def _menus(request: HttpRequest) -> dict[str, list[dict[str, Any]]]:
    """The main menu (pages marked for menus, Files after the first, Search last) and the footer's; asked once until
    something changes.

    A private page stands there for those who may open it; nobody else learns its title.
    """
    site = known_site.of(request)
    if site is None:
        return {"main": [], "foot": []}

    def entry(title: str, url: str) -> dict[str, Any]:
        return {"title": title, "url": url, "current": request.path.startswith(url)}

    every = freshness.kept(f"menus of {site.pk}", lambda: _pages(site, request), request)
    signed_in = request.user.is_authenticated
    pages = [
        (page, entry(page.title, url))
        for page, url in every
        if not page.is_private or (signed_in and access.may_open_private(request, page))
    ]
    main = [link for page, link in pages if page.main]
    main.insert(1, entry("Files", reverse("fileshare:index")))
    main.append(entry("Search", reverse("search")) | {"is_search": True})
    return {"main": main, "foot": [link for page, link in pages if page.foot]}


def _pages(site: Site, request: HttpRequest) -> list[tuple[Any, str]]:
    """The menus' pages with their addresses, in one query."""
    home = site.root_page
    in_main = Q(depth=home.depth + 1, show_in_menus=True)
    in_foot = Q(pk__in=StandardPage.objects.filter(in_footer=True).values("pk"))
    shown = Page.objects.descendant_of(home).live().filter(in_main | in_foot)
    shown = shown.annotate(
        main=ExpressionWrapper(in_main, BooleanField()),
        foot=ExpressionWrapper(in_foot, BooleanField()),
        is_private=access.is_private(),
    )
    return [(page, page.get_url(request)) for page in shown]


def site(request: HttpRequest) -> dict[str, Any]:
    """Lazy, so that a page which shows none of it, such as any of the administration, pays for none of it."""
    settings = SimpleLazyObject(lambda: SiteSettings.for_request(request))
    menus = SimpleLazyObject(lambda: _menus(request))
    user: Any = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "site_settings": settings,
        "menu": SimpleLazyObject(lambda: menus["main"]),
        "footer_menu": SimpleLazyObject(lambda: menus["foot"]),
        "feed_url": sections.everything().feed_address,
        "unread_news": signed_in and SimpleLazyObject(lambda: bell.unread(user) if user.is_current_member else ""),
        "may_use_admin": signed_in and SimpleLazyObject(lambda: user.has_perm("wagtailadmin.access_admin")),
        "standing_notice": signed_in and SimpleLazyObject(lambda: standing.notice_for(user, settings.contact_email)),
    }
