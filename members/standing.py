"""What a signed-in person without access is told: kindly, exactly, and with the next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format

from members.enums import Standing

if TYPE_CHECKING:
    from members.models import User


@dataclass(frozen=True)
class StandingNotice:
    """A heading, one or two sentences, and what to do (`contact_email` is filled in by the site)."""

    standing: Standing
    title: str
    text: str
    contact_email: str = ""

    @property
    def action_label(self) -> str:
        return "Write to the membership secretary"

    @property
    def action_url(self) -> str:
        return f"mailto:{self.contact_email}" if self.contact_email else ""


def notice_for(user: User, contact_email: str = "") -> StandingNotice | None:
    """Why this person sees no papers, and what helps; None for a current member."""
    standing, membership = user.standing, user.current_membership
    if standing == Standing.CURRENT:
        return None
    if membership is None:
        title, text = (
            "Your account has no membership yet",
            "You are signed in, but the papers are for members. The membership secretary can tell you how to join.",
        )
    elif standing == Standing.APPLICANT:
        applied_on = timezone.localdate(membership.applied_at)
        title, text = (
            "Your application is being considered",
            (
                f"We received it on {date_format(applied_on, 'j F Y')}. The papers open to you once the membership "
                "secretary has approved it. There is nothing else that you need to do."
            ),
        )
    elif standing == Standing.LAPSED and membership.starts_on and membership.starts_on > timezone.localdate():
        title, text = (
            "Your membership has not started yet",
            f"It starts on {date_format(membership.starts_on, 'j F Y')}. The papers open to you on that day.",
        )
    elif standing == Standing.LAPSED and membership.expires_on is not None:
        title, text = (
            "Your membership has lapsed",
            (
                f"It ended on {date_format(membership.expires_on, 'j F Y')}, so the papers are closed to you for now. "
                "Write to the membership secretary to renew it: your account and your number stay as they are."
            ),
        )
    else:
        reason = f" The reason given: {membership.reason}" if membership.reason else ""
        title, text = (
            "Your membership is suspended",
            f"While it is, the papers are closed to you.{reason} Please write to the membership secretary.",
        )
    return StandingNotice(standing=standing, title=title, text=text, contact_email=contact_email)
