"""A member's own Atom feed: titles and addresses of what the member may read when it is fetched, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.feedgenerator import Atom1Feed

from members.plain_text import for_xml
from portal import bell
from portal.models import SiteSettings
from portal.templatetags.association import association

if TYPE_CHECKING:
    from members.models import User


def written(user: User) -> str:
    """Papers above GREEN without their titles: programs keep what they fetch, and show it on any screen."""
    site: SiteSettings = association()
    name = for_xml(site.organisation_name)
    feed = Atom1Feed(
        title=f"New for members of {name}", link=f"{settings.BASE_URL}/members/news/", description="", author_name=name
    )
    for row in bell.page_of(user).rows:
        title = f"{row.entry.marking}: {row.entry.title}" if row.entry.marking else row.entry.title
        feed.add_item(
            title=for_xml(title), link=row.entry.address, description="", pubdate=row.at, updateddate=row.at,
            author_name=name,
        )  # fmt: skip
    return str(feed.writeString("utf-8"))
