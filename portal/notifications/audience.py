"""Who hears of something, and how soon: of those who may read it at this moment, each at the pace that they chose.

A post comes at the quickest pace of its topics, a topic without a choice having the pace of all posts; a paper at that
of its folder, or the nearest above that has one, else at that of all papers.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, OuterRef, PositiveSmallIntegerField, Q, Subquery, Value
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from fileshare import access as papers_access
from fileshare.enums import Telling
from fileshare.markings import Marking
from fileshare.models import Folder, SharedDocument
from fileshare.services import tell
from members.access import current_people
from members.enums import MailState
from members.models import OutgoingMail
from portal import access
from portal.models import Kind, Listener, Pace, Preference, Subscriber
from portal.models.telling import USUAL

if TYPE_CHECKING:
    from collections.abc import Hashable

    from django.db.models import QuerySet

    from members.models import User
    from portal.models import Announcement, NewsPage

LONG_AGO = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
# A post whose date lies further back was brought from elsewhere, and is no news.
NEWS_FOR = datetime.timedelta(days=31)
AS_SAVED = "As it is saved"


def refused_address(address: str, heard_since: str) -> Exists:
    """Whether the mail server has refused an address for good; the names are columns of the outer query."""
    since = Coalesce(OuterRef(heard_since), Value(LONG_AGO))
    return Exists(OutgoingMail.objects.filter(address=OuterRef(address), state=MailState.REFUSED, sent_at__gt=since))


def refused_mails() -> QuerySet[OutgoingMail]:
    """The same from the other end, for a list: refusals that count, of addresses that are still their people's."""
    found = OutgoingMail.objects.filter(state=MailState.REFUSED, user__email=F("address"), user__is_active=True)
    return found.annotate(heard=Coalesce("user__listener__heard_since", Value(LONG_AGO))).filter(sent_at__gt=F("heard"))


def listening(people: QuerySet[User]) -> QuerySet[User]:
    """Those who have not stopped all news by mail, and whose address takes mail."""
    stopped = Listener.objects.filter(user=OuterRef("pk"), stopped_at__isnull=False)
    return people.exclude(Exists(stopped)).exclude(refused_address("email", "listener__heard_since"))


def _chosen(**scope: Any) -> Subquery:
    return Subquery(Preference.objects.filter(user=OuterRef("pk"), **scope).values("pace")[:1])


def general(kind: Kind) -> Coalesce:
    """The pace that a person has for a kind."""
    usual = Value(int(USUAL[kind]))
    return Coalesce(_chosen(kind=kind, topic=None, folder=None), usual, output_field=PositiveSmallIntegerField())


def pace_of_post(post: NewsPage) -> Any:
    topics = [Coalesce(_chosen(topic=topic.pk), general(Kind.POSTS)) for topic in post.topics.all()]
    if len(topics) > 1:
        return Least(*topics)
    return topics[0] if topics else general(Kind.POSTS)


def pace_of_paper(paper: SharedDocument) -> Any:
    chosen = [_chosen(folder=key) for key in folders_above(paper)]
    return Coalesce(*chosen, general(Kind.PAPERS)) if chosen else general(Kind.PAPERS)


def folders_above(paper: SharedDocument) -> list[int]:
    """The paper's own folder first."""
    above = paper.collection.get_ancestors(inclusive=True)
    folders = Folder.objects.filter(collection__in=above).order_by("-collection__depth")
    return list(folders.values_list("pk", flat=True))


def of_post(post: NewsPage) -> QuerySet[Any]:
    """Members who may open it, each with `pace`."""
    return listening(access.readers_of(post)).annotate(pace=pace_of_post(post))


def of_paper(paper: SharedDocument) -> QuerySet[Any]:
    """Members whom it is meant for, each with `pace`."""
    return listening(papers_access.readers_of(paper)).annotate(pace=pace_of_paper(paper))


def of(announcement: Announcement) -> QuerySet[Any]:
    thing = announcement.thing
    return of_paper(thing) if isinstance(thing, SharedDocument) else of_post(thing)


def at_once(announcement: Announcement) -> QuerySet[Any]:
    """Who gets a mail of its own: also whoever wants so for papers to confirm, where it is one."""
    people, paper = of(announcement), announcement.paper
    wants = Q(pace=Pace.AT_ONCE)
    if paper is not None and paper.acknowledge_by is not None:
        people = people.annotate(pace_to_confirm=general(Kind.CONFIRM))
        wants |= Q(pace_to_confirm=Pace.AT_ONCE)
    return people.filter(wants)


def only_for(paper: SharedDocument) -> int | None:
    """Its key where the paper names its readers; all the others of a folder are for the same people."""
    return paper.pk if paper.marking == Marking.RED else None


def alike(announcement: Announcement) -> Hashable:
    """The same for announcements whose audience and paces are the same: they are asked for once."""
    thing = announcement.thing
    if isinstance(thing, SharedDocument):
        return "paper", thing.collection_id, only_for(thing)
    topics = frozenset(topic.pk for topic in thing.topics.all())
    return "post", topics, frozenset(each.pk for each in thing.get_view_restrictions())


def subscribed() -> QuerySet[Subscriber]:
    """Visitors who confirmed that they want public news, and whose address takes mail."""
    confirmed = Subscriber.objects.filter(confirmed_at__isnull=False)
    return confirmed.exclude(refused_address("address", "confirmed_at"))


def _in_words(people: QuerySet[Any], where: str) -> str:
    """How many hear of it, and how many of them at once."""
    found = people.aggregate(
        told=Count("pk", filter=Q(pace__lt=Pace.NEVER)), soon=Count("pk", filter=Q(pace=Pace.AT_ONCE))
    )
    if not found["told"]:
        return f"{where}, no member would hear of it."
    members = "1 member" if found["told"] == 1 else f"{found['told']:,} members"
    return f"{where}, {members} would hear of it by mail, {found['soon']:,} of them at once."


def said_of_post(post: NewsPage) -> str:
    from portal.models import Announcement  # noqa: PLC0415 -- beside the names that are for types alone

    known = Announcement.objects.filter(post=post).first()
    if known is not None and known.at <= timezone.now():
        return "Members have been told of this post; it is not done twice."
    if post.published_at < timezone.now() - NEWS_FOR:
        return "Nobody is told of a post whose date lies more than a month back."
    said = _in_words(of_post(post), AS_SAVED if post.tells_members else "With the tick")
    return said if post.get_view_restrictions().exists() else f"{said}{_of_visitors()}"


def _of_visitors() -> str:
    """What is public they hear of, too."""
    count = subscribed().count()
    who = "1 visitor who subscribed" if count == 1 else f"{count:,} visitors who subscribed"
    return f" {who} to public news would hear of it." if count else ""


def said_of_paper(paper: SharedDocument | None) -> str:
    if paper is not None:
        return _in_words(
            of_paper(paper), AS_SAVED if tell.is_wanted(paper, tell.silent_folders()) else f"With “{Telling.YES.label}”"
        )
    everybody = listening(current_people()).annotate(pace=general(Kind.PAPERS))
    return _in_words(everybody, "In a folder for every member")
