"""Who may read what: the one policy. Every list, count, page, download and chooser asks these functions.

A paper is readable by a person if and only if all four conditions hold:

1. the person is a current member, or may change documents in the paper's folder;
2. it is published: checked, not withdrawn, `publish_at` ≤ now < `expires_at` (those who may change it see it before);
3. the person is in the audience of its folder and of every folder above;
4. if it is marked TLP:RED, the person is one of its named recipients.

An administrator reads everything, and is recorded like everybody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db.models import BooleanField, CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction
from wagtail.permissions import policy_registry

from fileshare.enums import Refusal
from fileshare.markings import Marking
from members.any_member import AnyMember
from members.models import Membership

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.contrib.sessions.backends.base import SessionBase

    from fileshare.models import SharedDocument
    from members.models import User

EVERYTHING, NOTHING = Q(), Q(pk__in=[])


def is_administrator(user: User | AnonymousUser) -> bool:
    """Whether the person reads everything."""
    return user.is_active and user.is_superuser


def open_collections(user: User | AnonymousUser | None) -> QuerySet[Collection]:
    """The folders whose audience the person is in; None stands for a member who is in no group.

    Restrictions of a folder and of all folders above it apply together. A folder with a shared password (which the
    site does not offer) is closed to everybody: it was never said who may read it.
    """
    if user is not None and is_administrator(user):
        return Collection.objects.all()
    passed = Q(restriction_type=CollectionViewRestriction.LOGIN)
    if user is not None and user.pk is not None:
        passed |= Q(restriction_type=CollectionViewRestriction.GROUPS, groups__user=user.pk)
    closing = CollectionViewRestriction.objects.exclude(
        pk__in=CollectionViewRestriction.objects.filter(passed).values("pk")
    )
    # A collection's path begins with the path of each collection above it.
    here = ExpressionWrapper(OuterRef("path"), output_field=CharField())
    at_or_above = closing.annotate(here=here).filter(here__startswith=F("collection__path"))
    return Collection.objects.exclude(Exists(at_or_above))


def member_condition(user: User) -> Q:
    """Condition 1, first half."""
    return Q(Exists(Membership.objects.current().filter(user=user.pk)))


def may_change_condition(user: User) -> Q:
    """Condition 1, second half: documents that Wagtail's collection permissions let the person change."""
    if is_administrator(user):
        return EVERYTHING
    policy = policy_registry.get_by_type(get_document_model())
    if not policy.user_has_any_permission(user, {"add", "change"}):
        return NOTHING
    return Q(pk__in=policy.instances_user_has_permission_for(user, "change").values("pk"))


def published_condition() -> Q:
    """Condition 2, as of now."""
    now = timezone.now()
    return Q(current_version__isnull=False, withdrawn_at=None, publish_at__lte=now) & (
        Q(expires_at=None) | Q(expires_at__gt=now)
    )


def audience_condition(user: User | None) -> Q:
    """Condition 3; None stands for a member who is in no group."""
    return Q(collection__in=open_collections(user))


def recipient_condition(user: User) -> Q:
    """Condition 4."""
    from fileshare.models import SharedDocument  # noqa: PLC0415 -- the models are built from this module

    named = SharedDocument.recipients.through.objects.filter(shareddocument=OuterRef("pk"), user=user.pk)
    return ~Q(marking=Marking.RED) | Q(Exists(named))


def visible_condition(user: User | AnonymousUser) -> Q:
    """All four conditions for this person, as one condition on documents."""
    if not (user.is_active and user.is_authenticated):
        return NOTHING
    if isinstance(user, AnyMember):
        return any_member_condition() & visible_condition(user.shown_to)
    if is_administrator(user):
        return EVERYTHING
    may_change = may_change_condition(user)
    if may_change is NOTHING:
        reader = member_condition(user) & published_condition()
    else:
        reader = (member_condition(user) & published_condition()) | may_change
    return reader & audience_condition(user) & recipient_condition(user)


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
    from fileshare.models import SharedDocument  # noqa: PLC0415 -- the models are built from this module

    may_change = may_change_condition(user)
    conditions = {
        "may_change": Q(pk__isnull=False) if may_change is EVERYTHING else may_change,
        "member": member_condition(user),
        "published": published_condition(),
        "audience": audience_condition(user),
        "recipient": recipient_condition(user),
    }
    asked = {name: ExpressionWrapper(condition, BooleanField()) for name, condition in conditions.items()}
    found = SharedDocument.objects.filter(**lookup).order_by().values("uuid", **asked).first()
    if found is None:
        return Refusal.UNKNOWN, ""
    return _first_failing(found), str(found["uuid"])


def _first_failing(found: Mapping[str, object]) -> Refusal:
    if not found["may_change"]:
        if not found["member"]:
            return Refusal.NOT_A_MEMBER
        if not found["published"]:
            return Refusal.NOT_PUBLISHED
    if not found["audience"]:
        return Refusal.NOT_IN_AUDIENCE
    return Refusal.NO_FILE if found["recipient"] else Refusal.NOT_A_RECIPIENT


def requirements(user: User, document: SharedDocument, session: SessionBase) -> list[str]:
    """What the marking asks of the person before bytes leave: addresses to pass through, in order.

    Handling terms, a second factor and re-authentication (POLICY, table of markings) each add one here; while the
    list is empty the paper is delivered at once.
    """
    return []
