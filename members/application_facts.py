"""What a secretary would look up before deciding about an application, put side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from members.models import Application, Invitation, Membership, Organisation

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST_SHOWN = 5
# Where everybody may have an address, which says nothing about where a person works.
ANYBODYS = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "live.co.uk"),
        *("yahoo.com", "yahoo.co.uk", "aol.com", "icloud.com", "me.com", "protonmail.com", "proton.me", "gmx.net"),
        *("btinternet.com", "sky.com", "talktalk.net", "virginmedia.com"),
    }
)


@dataclass(frozen=True)
class Some:
    """The first few of a list, and how many more there are."""

    rows: list[Any]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def _some(queryset: QuerySet[Any]) -> Some:
    rows = list(queryset[: MOST_SHOWN + 1])
    count = len(rows) if len(rows) <= MOST_SHOWN else queryset.count()
    return Some(rows[:MOST_SHOWN], count)


def facts_about(application: Application) -> dict[str, Any]:
    """For the template, which asks nothing itself."""
    typed = application.organisation_name
    organisation = Organisation.objects.filter(name__iexact=typed).first() if typed else None
    members = (
        Membership.objects.with_standing().select_related("user", "organisation").order_by("user__last_name", "pk")
    )
    others = members.exclude(user=application.user_id)
    is_anybodys = application.domain in ANYBODYS
    return {
        "organisation": organisation,
        "colleagues": _some(others.filter(organisation=organisation)) if organisation else None,
        "is_anybodys": is_anybodys,
        "neighbours": None if is_anybodys else _some(others.filter(user__email__endswith=f"@{application.domain}")),
        "earlier": _some(
            Application.objects.received()
            .filter(Q(user=application.user_id) | Q(email=application.email))
            .exclude(pk=application.pk)
            .order_by("-applied_at")
        ),
        "invitation": Invitation.objects.open().filter(email=application.email).first(),
    }
