"""What came out is written down once, when it may be read: a post with its publication, a paper by `run_due`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from fileshare.services import tell
from portal.models import Announcement
from portal.notifications.audience import NEWS_FOR

if TYPE_CHECKING:
    from portal.models import NewsPage


@transaction.atomic
def announce_post(post: NewsPage) -> None:
    """After each publication. What nobody has heard of yet follows the post: its date may have moved, and its editor
    may hold it now. An alias is the same post a second time."""
    now = timezone.now()
    known = Announcement.objects.select_for_update(no_key=True, of=("self",)).filter(post=post).first()
    if known is not None and known.at <= now:
        return
    is_news = post.published_at > now - NEWS_FOR and post.alias_of_id is None
    if not (post.tells_members and is_news):
        if known is not None:
            known.delete()
    else:
        Announcement.objects.update_or_create(post=post, defaults={"at": max(now, post.published_at)})


@transaction.atomic
def announce_papers() -> None:
    """Papers that may be read from now on: their embargo is over, their file is checked, or somebody took them in."""
    now = timezone.now()
    for paper in tell.take_due():
        Announcement.objects.get_or_create(paper=paper, defaults={"at": now})
