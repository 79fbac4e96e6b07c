"""Mails that the secretary may edit before they are sent. Their words come from a template; what is only known once
the decision is made stands in braces and is filled in then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format

from members import mail

if TYPE_CHECKING:
    import datetime

    from members.models import Application, Membership

NAME, NUMBER, UNTIL = "{first name}", "{number}", "{until}"
FILLED_IN = f"{NAME}, {NUMBER} and {UNTIL} are filled in when the mail is sent."


def site_address(name: str, *arguments: str) -> str:
    """An address for a mail: from BASE_URL, whatever host the request came by."""
    return f"{settings.BASE_URL}{reverse(name, args=arguments)}"


def draft(template: str, application: Application | None = None) -> tuple[str, str]:
    """Subject and text to begin with, to one applicant or, without one, to several."""
    context: dict[str, Any] = {
        "person": application or {"first_name": NAME},
        "application_address": site_address("members:application"),
        "sign_in_address": site_address("account_login"),
    }
    return mail.words_of(template, context)


def until(day: datetime.date | None) -> str:
    return f"until {date_format(day, 'j F Y')}" if day else "without an end"


def fill(words: tuple[str, str], application: Application, membership: Membership | None = None) -> tuple[str, str]:
    """Replace what stands in braces. Other braces are the writer's own."""
    facts = {NAME: application.first_name}
    if membership is not None:
        facts |= {NUMBER: membership.number_label, UNTIL: until(membership.expires_on)}

    def filled(text: str) -> str:
        for place, fact in facts.items():
            text = text.replace(place, fact)
        return text.replace("\r\n", "\n")

    return filled(words[0]), filled(words[1])
