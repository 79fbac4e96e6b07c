"""Who may read what: the one policy. Every list, count, page, download and chooser asks these functions.

A paper is readable by a person if and only if all four conditions hold:

1. the person is a current member, or may change documents in the paper's folder (staff need not be members; whose
   membership is suspended or has lapsed changes none, `wagtail_policy`);
2. it is published: checked, not withdrawn, taken in if a member brought it, `publish_at` ≤ now < `expires_at`
   (those who may change it see it before);
3. the person is in the audience of its folder and of every folder above;
4. if it is marked TLP:RED, the person is one of its named recipients.

An administrator reads everything, and is recorded like everybody else.
"""

from __future__ import annotations

from collections.abc import Collection as Several
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.lookups import In
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction
from wagtail.permissions import policy_registry

from fileshare.enums import Inspection, Refusal, Review
from fileshare.markings import Marking
from members.access import current_people, those_in, ways_into_groups
from members.any_member import AnyMember
from members.models import Membership, User

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.contrib.auth.models import AnonymousUser
    from django.contrib.sessions.backends.base import SessionBase

    from fileshare.models import DocumentVersion, SharedDocument

EVERYTHING, NOTHING = Q(), Q(pk__in=[])


def is_administrator(user: User | AnonymousUser) -> bool:
    """Whether the person reads everything."""
    return user.is_active and user.is_superuser and not user.is_leaving


def open_collections(user: User | AnonymousUser | None) -> QuerySet[Collection]:
    """The folders whose audience the person is in; None stands for a member who is in no group.

    Restrictions of a folder and of all folders above it apply together. A folder with a shared password (which the
    site does not offer) is closed to everybody: it was never said who may read it.
    """
    if user is not None and is_administrator(user):
        return Collection.objects.all()
    return _collections_open_by(_ways_of(user))


def _ways_of(user: User | AnonymousUser | None) -> tuple[Q, ...]:
    return () if user is None or user.pk is None else ways_into_groups(user, "groups__")


def _collections_open_by(ways: tuple[Q, ...]) -> QuerySet[Collection]:
    closing = CollectionViewRestriction.objects.exclude(restriction_type=CollectionViewRestriction.LOGIN)
    for way in ways:
        passed = CollectionViewRestriction.objects.filter(way, restriction_type=CollectionViewRestriction.GROUPS)
        closing = closing.exclude(pk__in=passed.values("pk"))
    # A collection's path begins with the path of each collection above it.
    here = ExpressionWrapper(OuterRef("path"), output_field=CharField())
    at_or_above = closing.annotate(here=here).filter(here__startswith=F("collection__path"))
    return Collection.objects.exclude(Exists(at_or_above))


# Each list, count and download asks these two subqueries, and Django takes longer to word them than the database to
# answer: they are worded once for everybody who comes into the same groups by the same ways, and for each person.
# What they find is asked each time.
@lru_cache(maxsize=1_000)
def _worded_open(ways: tuple[Q, ...]) -> RawSQL:
    return RawSQL(*_collections_open_by(ways).order_by().values("pk").query.sql_with_params())  # noqa: S611 -- Django's own words


@lru_cache(maxsize=1_000)
def _worded_named(person: int | None) -> RawSQL:
    """The papers that name this person among their recipients."""
    from fileshare.models import SharedDocument  # noqa: PLC0415 -- the models are built from this module

    named = SharedDocument.recipients.through.objects.filter(user=person).values("shareddocument")
    return RawSQL(*named.query.sql_with_params())  # noqa: S611 -- as above


def member_condition(user: User) -> Q:
    """Condition 1, first half. Of whoever comes with a session it was asked a moment ago."""
    if getattr(user, "is_known_today", False):
        return EVERYTHING if user.is_current_member else NOTHING
    return Q(Exists(Membership.objects.current().filter(user=user.pk)))


def may_change_condition(user: User) -> Q:
    """Condition 1, second half: documents that Wagtail's collection permissions let the person change."""
    if is_administrator(user):
        return EVERYTHING
    # Wagtail would find the same, in ten times the time: no group of theirs works in any folder.
    if user.is_leaving or user.works_in_no_place:
        return NOTHING
    policy = policy_registry.get_by_type(get_document_model())
    if not policy.user_has_any_permission(user, {"add", "change"}):
        return NOTHING
    return Q(pk__in=policy.instances_user_has_permission_for(user, "change").values("pk"))


def published_condition(now: datetime | None = None) -> Q:
    """Condition 2, as of now."""
    now = now or timezone.now()
    taken_in = Q(review__in=(Review.NONE, Review.ACCEPTED))
    return (
        taken_in
        & Q(current_version__isnull=False, withdrawn_at=None, publish_at__lte=now)
        & (Q(expires_at=None) | Q(expires_at__gt=now))
    )


def audience_condition(user: User | None) -> Q:
    """Condition 3, for papers as for folders; None stands for a member who is in no group."""
    return EVERYTHING if user is not None and is_administrator(user) else _lies_in_open(user)


def _lies_in_open(user: User | AnonymousUser | None) -> Q:
    """The same for an administrator as for anybody else."""
    ways = _ways_of(user)
    # Of whoever does not come with a session, the ways are questions themselves.
    is_known = not ways or getattr(user, "is_known_today", False)
    opened: Any = _worded_open(ways) if is_known else _collections_open_by(ways).order_by().values("pk")
    # A sum, so that no database takes this for the way to find the papers: nearly all lie in open folders, and lists
    # are found by the index of their order.
    return Q(In(F("collection") + Value(0), opened))


def recipient_condition(user: User) -> Q:
    """Condition 4."""
    return ~Q(marking=Marking.RED) | Q(pk__in=_worded_named(user.pk))


def visible_condition(user: User | AnonymousUser, now: datetime | None = None) -> Q:
    """All four conditions for this person, as one condition on documents. `now` is for questions that are worded once
    (`fileshare.asked_alike`)."""
    if not (user.is_active and user.is_authenticated):
        return NOTHING
    if isinstance(user, AnyMember):
        return any_member_condition() & visible_condition(user.shown_to)
    if is_administrator(user):
        return EVERYTHING
    may_change = may_change_condition(user)
    reader = member_condition(user) & published_condition(now)
    if may_change is not NOTHING:
        reader |= may_change
    return reader & audience_condition(user) & recipient_condition(user)


def reads_as_members_do(user: User | AnonymousUser) -> bool:
    """Whether what this person may read is what every member may, but for closed folders and named recipients."""
    if not (user.is_active and user.is_authenticated) or isinstance(user, AnyMember) or is_administrator(user):
        return False
    return may_change_condition(user) is NOTHING and user.is_known_today and user.is_current_member


def version_condition() -> Q:
    """Which versions of a paper its readers get: the current one, and checked former ones where the folder lets them
    be read."""
    is_former_closed = Q(document__collection__folder__former_versions_readable=False)
    return Q(inspection=Inspection.PASSED) & (Q(pk=F("document__current_version")) | ~is_former_closed)


def folders_to_contribute_to(user: User) -> QuerySet[Collection]:
    """Folders into which this person may bring papers for review: a current member in the audience, where the folder
    takes them from every reader or from a group of the person's."""
    from fileshare.models import Folder  # noqa: PLC0415 -- the models are built from this module

    if not user.is_active:
        return Collection.objects.none()
    folders = Folder.objects.filter(member_condition(user), takes_contributions=True)
    allowed = folders.filter(Q(contributors=None) | Q(contributors__user=user.pk))
    return _collections_open_by(_ways_of(user)).filter(folder__in=allowed.values("pk"))


def asked_condition(user: User) -> Q:
    """All four conditions for this person as a member, whatever else the person may do: whom a paper is meant for."""
    if not user.is_active:
        return NOTHING
    return member_condition(user) & published_condition() & _lies_in_open(user) & recipient_condition(user)


def readers_of(document: SharedDocument) -> QuerySet[User]:
    """The same turned round: whom this paper is meant for, while it is out."""
    people = current_people()
    above = document.collection.get_ancestors(inclusive=True)
    for restriction in CollectionViewRestriction.objects.filter(collection__in=above).prefetch_related("groups"):
        if restriction.restriction_type == CollectionViewRestriction.GROUPS:
            people = those_in(people, [group.pk for group in restriction.groups.all()])
        elif restriction.restriction_type != CollectionViewRestriction.LOGIN:
            return people.none()
    if document.marking == Marking.RED:
        people = people.filter(pk__in=document.recipients.values("pk"))
    return people


def any_member_condition() -> Q:
    """Papers that every current member can read, whoever it is: what the public may be told the number of."""
    return published_condition() & audience_condition(None) & ~Q(marking=Marking.RED)


def public_mention_condition() -> Q:
    """Papers whose existence a public post that attaches them may show (the title only as the marking allows)."""
    return published_condition() & audience_condition(None)


def refusal(user: User, **lookup: object) -> tuple[Refusal, str]:
    """Which condition failed, for the access record, with the paper's public name ("" where there is no paper).

    One and the same question to the database, whether such a paper exists or not, so that the time which a refusal
    takes does not tell.
    """
    found = _asked_why_not(user, Q(**lookup)).first()
    if found is None:
        return Refusal.UNKNOWN, ""
    return _first_failing(found), str(found["uuid"])


def refusals(user: User, uuids: Several[UUID]) -> dict[Refusal, list[UUID]]:
    """The same for many papers at once, in one question: those of each reason."""
    failing = {found["uuid"]: _first_failing(found) for found in _asked_why_not(user, Q(uuid__in=uuids))}
    reasons: dict[Refusal, list[UUID]] = {}
    for uuid in uuids:
        reasons.setdefault(failing.get(uuid, Refusal.UNKNOWN), []).append(uuid)
    return reasons


def _asked_why_not(user: User, wanted: Q) -> QuerySet[SharedDocument, dict[str, Any]]:
    """Of each of these papers, which conditions it meets."""
    from fileshare.models import SharedDocument  # noqa: PLC0415 -- the models are built from this module

    conditions = {
        "may_change": may_change_condition(user),
        "member": member_condition(user),
        "published": published_condition(),
        "audience": audience_condition(user),
        "recipient": recipient_condition(user),
    }
    asked = {name: as_answer(condition) for name, condition in conditions.items()}
    return SharedDocument.objects.filter(wanted).order_by().values("uuid", **asked)


def as_answer(condition: Q) -> ExpressionWrapper[Any]:
    """For a query that says of each thing whether it meets the condition."""
    # One that everything meets is no expression that a database could answer.
    return ExpressionWrapper(condition if condition else Q(pk__isnull=False), BooleanField())


def _first_failing(found: Mapping[str, object]) -> Refusal:
    if not found["may_change"]:
        if not found["member"]:
            return Refusal.NOT_A_MEMBER
        if not found["published"]:
            return Refusal.NOT_PUBLISHED
    if not found["audience"]:
        return Refusal.NOT_IN_AUDIENCE
    return Refusal.NO_FILE if found["recipient"] else Refusal.NOT_A_RECIPIENT


def requirements(
    user: User, document: SharedDocument, session: SessionBase, version: DocumentVersion | None = None
) -> list[str]:
    """What the marking asks of the person before bytes of a version (the current one, where none is named) leave:
    addresses to pass through, in order. While the list is empty the paper is delivered at once."""
    from fileshare.requirements import unmet  # noqa: PLC0415 -- it asks the models, which are built from this module

    version = version or document.current_version
    if version is None:
        return []
    version.document = document
    return [requirement.address for requirement in unmet(user, [version], session)]
