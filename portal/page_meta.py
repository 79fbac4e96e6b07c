"""What a page says of itself to machines: its one address, its card on other sites, its structured data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from wagtail.images.shortcuts import get_rendition_or_not_found

from portal import cards
from portal.models.topics import NEWS

if TYPE_CHECKING:
    from portal.models import NewsPage, SiteSettings


@dataclass(frozen=True)
class PageMeta:
    """For templates/components/page-meta.html. Addresses are absolute."""

    address: str
    title: str
    description: str
    kind: str = "website"
    picture: str = ""
    structured: list[dict[str, Any]] = field(default_factory=list)


def absolute(address: str) -> str:
    """An address of this site as other sites must write it; from BASE_URL, never from the request's Host header."""
    return f"{settings.BASE_URL}{address}"


def card_of(post: NewsPage, site: SiteSettings) -> dict[str, str]:
    """What the post's picture shows."""
    topic = post.topic["name"] if post.topic else ""
    return {"organisation": site.organisation_name, "topic": topic, "title": post.title}


def card_address(post: NewsPage, site: SiteSettings) -> str:
    """The absolute address of the post's picture."""
    return absolute(reverse("card", args=[post.pk, cards.digest(**card_of(post, site))]))


def breadcrumbs(*steps: tuple[str, str]) -> dict[str, Any]:
    """https://schema.org/BreadcrumbList of (name, address on this site)."""
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": absolute(address)}
            for place, (name, address) in enumerate(steps, start=1)
        ],
    }


def _logo_address(site: SiteSettings) -> str:
    if site.logo is None:
        return static("icons/apple-touch-icon-180.png")
    return str(get_rendition_or_not_found(site.logo, "fill-512x512|format-png").url)


def meta_of_post(post: NewsPage, site: SiteSettings, *, address: str) -> PageMeta:
    """Of the public part alone: no body text, and papers are not mentioned."""
    picture = card_address(post, site) if post.pk else ""
    description = post.search_description or post.standfirst
    authors = [{"@type": "Person", "name": author.name} for author in post.authors_list]
    organisation: dict[str, Any] = {
        "@type": "Organization",
        "name": site.organisation_name,
        "url": absolute("/"),
        "logo": {"@type": "ImageObject", "url": absolute(_logo_address(site))},
    }
    elsewhere = [link.value["address"] for link in site.social_links]
    if elsewhere:
        organisation["sameAs"] = elsewhere
    changed = max(post.published_at, post.last_published_at or post.published_at)
    article: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": absolute(address),
        "headline": post.title,
        "description": description,
        "datePublished": post.published_at.isoformat(),
        "dateModified": changed.isoformat(),
        "author": authors or [organisation],
        "publisher": organisation,
        "isAccessibleForFree": not post.is_members_only,
    }
    if picture:
        article["image"] = [picture]
    path = breadcrumbs((site.organisation_name, "/"), ("News", NEWS), (post.title, address))
    return PageMeta(absolute(address), post.title, description, "article", picture, [article, path])
