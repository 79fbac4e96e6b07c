"""The Atom feeds: of all posts, of a topic, of an author; only what is public of each."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.contrib.syndication.views import Feed
from django.utils.feedgenerator import Atom1Feed

from members.plain_text import for_xml
from portal.models import NewsPage, SiteSettings
from portal.sections import Section

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

ENTRIES = 20


class NewsFeed(Feed[NewsPage, None]):
    """Title, standfirst, address, authors and dates of a section's newest posts."""

    feed_type = Atom1Feed

    def __init__(self, section: Section) -> None:
        self.section = section

    def link(self) -> str:
        return self.section.address

    def get_object(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        self.request, self.settings = request, SiteSettings.for_request(request)

    def title(self) -> str:
        name = self.settings.organisation_name
        is_part = self.section.topic or self.section.author
        return for_xml(f"{name}: {self.section.title}" if is_part else f"News from {name}")

    def subtitle(self) -> str:
        return for_xml(self.section.description or str(self.settings.strapline))

    def items(self) -> QuerySet[NewsPage]:
        posts: QuerySet[NewsPage] = self.section.posts().for_feed()[:ENTRIES]
        return posts

    def item_title(self, item: NewsPage) -> str:  # type: ignore[override]  # the stubs say Model
        return for_xml(item.title)

    def item_description(self, item: NewsPage) -> str:  # type: ignore[override]  # as above
        return for_xml(item.standfirst)

    def item_link(self, item: NewsPage) -> str:
        return str(item.get_url(self.request))

    def item_author_name(self, item: NewsPage) -> str:  # type: ignore[override]  # as above
        # Atom wants an author for every entry (RFC 4287, 4.1.2): the association where nobody is named.
        return for_xml(", ".join(author.name for author in item.authors_list) or self.settings.organisation_name)

    def item_pubdate(self, item: NewsPage) -> datetime.datetime:
        return item.published_at

    def item_updateddate(self, item: NewsPage) -> datetime.datetime:
        return max(item.published_at, item.last_published_at or item.published_at)

    def item_categories(self, item: NewsPage) -> list[str]:
        return [for_xml(topic["name"]) for topic in item.topics_list]
