"""Which papers ask to be confirmed, by whom, and who has.

A paper asks when it has a day to confirm it by. It asks those members who may read it; an administrator who is in no
audience reads it all the same, and is not asked. A confirmation counts from the version on from which the editor asked:
a new version leaves it standing unless the editor asks again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import DateTimeField, Exists, F, OuterRef, PositiveIntegerField, Q, Subquery

from fileshare import access
from fileshare.models import Acknowledgement, SharedDocument

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from fileshare.models.document import SharedDocumentQuerySet
    from members.models import User


def asked_of(user: User) -> SharedDocumentQuerySet:
    """Papers that this member may read and is asked to confirm, whether or not that is done."""
    return SharedDocument.objects.filter(access.asked_condition(user), acknowledge_by__isnull=False)


def waiting_for(user: User) -> SharedDocumentQuerySet:
    """Those of them that the member has not confirmed yet; what is due first stands first."""
    done = Acknowledgement.objects.filter(
        document=OuterRef("pk"), user=user.pk, version__number__gte=OuterRef("acknowledge_from")
    )
    return asked_of(user).exclude(Exists(done)).order_by("acknowledge_by", "pk")


def confirmation_of(document: SharedDocument, user: User) -> Acknowledgement | None:
    """The member's word that counts today, if any."""
    given = document.acknowledgements.filter(user=user.pk, version__number__gte=document.acknowledge_from)
    return given.select_related("version").order_by("-version__number").first()


def people_asked(document: SharedDocument) -> QuerySet[User]:
    """Each member who is asked, with `confirmed_at` and `confirmed_version` (None where nothing counts yet)."""
    given = Acknowledgement.objects.filter(
        document=document, user=OuterRef("pk"), version__number__gte=document.acknowledge_from
    ).order_by("-version__number")
    return access.readers_of(document).annotate(
        confirmed_at=Subquery(given.values("at")[:1], output_field=DateTimeField()),
        confirmed_version=Subquery(given.values("version__number")[:1], output_field=PositiveIntegerField()),
    )


HAS_CONFIRMED = Q(confirmed_at__isnull=False)
FIRST_THOSE_WHO_HAVE_NOT = (F("confirmed_at").asc(nulls_first=True), "last_name", "first_name", "pk")
