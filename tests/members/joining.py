"""What the tests of applying and inviting share: filling in the form, and reading the mails that are on their way."""

from __future__ import annotations

import re
import time
from typing import Any

from bs4 import BeautifulSoup
from django.core import signing
from django.test import Client

from members.models import OutgoingMail
from members.robots import SALT
from members.services import apply as apply_services
from tests.portal.reading import words_of

WRITTEN = {
    "first_name": "Ada",
    "last_name": "Byron",
    "email": "ada@example.org",
    "organisation_name": "Analytical Engines",
    "role": "Programmer",
    "why": "To learn.\r\n\r\nAnd to teach.",
    "consent": "on",
}


def opened(seconds_ago: float = 30) -> str:
    return signing.dumps(time.time() - seconds_ago, salt=SALT)


def apply(client: Client, **changes: Any) -> Any:
    return client.post("/members/apply/", WRITTEN | {"opened-at": opened(), "your-website": ""} | changes)


def mails_to(address: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(address=address).order_by("pk"))


def code_in(mail: OutgoingMail) -> str:
    return re.search(r"^(\d{6})$", mail.text, re.MULTILINE)[1]


def link_in(mail: OutgoingMail) -> str:
    """The path of the page that an invitation leads to."""
    return re.search(r"/members/invitation/[\w-]+/", mail.text)[0]


def code_for(address: str = "ada@example.org") -> str:
    return code_in(mails_to(address)[-1])


def confirm(client: Client, code: str) -> Any:
    return client.post("/members/apply/code/", {"code": code})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def soup_in(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def text_of(answer: Any) -> str:
    return words_of(soup_in(answer).main)


def errors_in(answer: Any) -> list[str]:
    return [words_of(each) for each in soup_in(answer).select(".error-summary li")]


def written(**changes: Any) -> apply_services.Written:
    """What the form of an applicant brings."""
    usual = {"first_name": "Ada", "last_name": "Byron", "why": "To learn.", "consent_text": "I agree."}
    return apply_services.Written(**usual | changes)
