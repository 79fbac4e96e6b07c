"""What members have been told of: as if each thing had been announced on its day, so that nothing old is news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.models import Announcement
from portal.notifications import announcing

if TYPE_CHECKING:
    from fileshare.models import SharedDocument
    from portal.models import NewsPage


def post(page: NewsPage) -> None:
    """Also one whose date is too far back for the site to announce it now."""
    Announcement.objects.update_or_create(post=page, defaults={"at": page.published_at, "told_at_once": True})


def paper(document: SharedDocument) -> None:
    """Where it is out; one under embargo is announced when its time comes."""
    announcing.announce_papers()
    Announcement.objects.filter(paper=document).update(at=document.publish_at, told_at_once=True)
