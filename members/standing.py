"""What a signed-in person without access is told: kindly, exactly, and with the next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from members.enums import ApplicationState, Standing
from members.models import Application

if TYPE_CHECKING:
    import datetime

    from members.models import Membership, User

ENDS_SOON = 60  # days


@dataclass(frozen=True)
class StandingNotice:
    """A heading, one or two sentences, and what to do (`contact_email` is filled in by the site)."""

    standing: Standing
    title: str
    text: str
    contact_email: str = ""
    own_page: tuple[str, str] | None = None  # label and address of a page of the site that helps more than a mail

    @property
    def action_label(self) -> str:
        return self.own_page[0] if self.own_page else "Write to the membership secretary"

    @property
    def action_url(self) -> str:
        if self.own_page:
            return self.own_page[1]
        return f"mailto:{self.contact_email}" if self.contact_email else ""


def notice_for(user: User, contact_email: str = "") -> StandingNotice | None:
    """Why this person sees no papers, and what helps; None for a current member."""
    standing = user.standing
    if standing.opens_papers:
        return None
    membership = user.current_membership
    application, own_page = None, None
    if standing in (Standing.NONE, Standing.APPLICANT, Standing.LEAVING):
        application = Application.objects.received().filter(user=user).order_by("-applied_at").first()
        own_page = _page_of(application, standing)
    if user.leaves_at is not None:
        until = date_format(timezone.localtime(user.leaves_at), "j F Y")
        title, text = (
            "You are leaving",
            (
                f"You asked us to erase everything about you, and on {until} we shall. Until then the papers are "
                "closed to you, and you can still come back: everything would be as it was."
            ),
        )
    elif membership is None:
        title, text = (
            "Your account has no membership yet",
            "You are signed in, but the papers are for members. You can apply for membership here on the site.",
        )
    elif standing == Standing.APPLICANT:
        applied_on = timezone.localdate(membership.applied_at)
        title, text = (
            "Your application is being considered",
            (
                f"We received it on {date_format(applied_on, 'j F Y')}. The papers open to you once the membership "
                f"secretary has approved it. {_next_step(application)}"
            ),
        )
    elif standing == Standing.RESIGNED:
        title, text = (
            "You have given up your membership",
            (
                "Your account stays, and the papers are closed to you. Write to the membership secretary to come back: "
                "your number stays as it was."
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
        given = membership.reason.strip()
        stop = "" if given.endswith((".", "!", "?")) else "."
        reason = f" The reason given: {given}{stop}" if given else ""
        title, text = (
            "Your membership is suspended",
            f"While it is, the papers are closed to you.{reason} Please write to the membership secretary.",
        )
    address = "" if standing == Standing.LEAVING else contact_email
    return StandingNotice(standing=standing, title=title, text=text, contact_email=address, own_page=own_page)


def _page_of(application: Application | None, standing: Standing) -> tuple[str, str] | None:
    """Where a person goes on who is leaving, has applied, or may apply."""
    if standing == Standing.LEAVING:
        return "Come back", reverse("members:privacy")
    if application is not None:
        return "My application", reverse("members:application")
    return ("Apply for membership", reverse("members:apply")) if standing == Standing.NONE else None


def _next_step(application: Application | None) -> str:
    if application is not None and application.state == ApplicationState.ASKED:
        return "We have a question before we can decide: please answer it."
    return "There is nothing else that you need to do."


def renewal_of(membership: Membership) -> str:
    """What a current member does to stay one, in a sentence, as soon as the end is near; else empty."""
    counts_until: datetime.date | None = getattr(membership, "last_day", None)
    if membership.is_in_grace and membership.expires_on and counts_until:
        ended, closes = date_format(membership.expires_on, "j F Y"), date_format(counts_until, "j F Y")
        return (
            f"Your membership ended on {ended}. The papers stay open to you until {closes}, so that there is time to "
            "renew: write to the membership secretary."
        )
    last = membership.expires_on
    days = (last - timezone.localdate()).days if last else -1
    if last is None or not 0 <= days <= ENDS_SOON:
        return ""
    in_days = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
    return (
        f"Your membership ends {in_days}, with {date_format(last, 'j F Y')}. Write to the membership secretary to "
        "renew it; the papers stay open to you without a break."
    )
