"""What stands around a post's text: the same for every reader, and remembered until something public changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal import freshness
from portal.models.beside import Beside, beside
from portal.models.pictures import lacks_picture
from portal.models.site_settings import SiteSettings
from portal.models.tags import links_of
from portal.page_meta import PageMeta, meta_of_post

if TYPE_CHECKING:
    from django.http import HttpRequest

    from portal.models.posts import NewsPage
    from portal.models.topics import Author


@dataclass(frozen=True)
class Around:
    """Names and addresses of topics and tags, the authors, what the page's head says, and the posts beside it."""

    topics: list[dict[str, str]]
    authors: list[Author]
    tags: list[dict[str, str]]
    meta: PageMeta
    beside: Beside


def around(post: NewsPage, request: HttpRequest) -> Around:
    """Asked once for each post and change. A preview is of what its editor has, and is made each time."""

    def make() -> Around:
        listed = type(post).objects.listed()
        return Around(
            topics=post.topics_list,
            authors=post.authors_list,
            tags=links_of(post.tags.all(), listed),
            meta=meta_of_post(post, SiteSettings.for_request(request), address=post.get_url(request) or ""),
            beside=beside(post, post.topics_known, listed),
        )

    if post.pk is None or getattr(request, "is_preview", False):
        return make()
    return freshness.kept(f"around post {post.pk}", make, request, lambda made: not lacks_picture(str(made.meta)))
