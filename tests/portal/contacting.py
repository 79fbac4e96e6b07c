"""A contact page, and what somebody sends from it."""

from __future__ import annotations

import time
from typing import Any

from django.core import signing
from django.test import Client

from members.robots import SALT
from portal.models import ContactField, ContactPage, HomePage

ANSWERS = {
    "your_name": "Pat Person",
    "e_mail": "pat@example.org",
    "subject": "Training",
    "message": "Good morning.\r\n\r\nWhen is the next course?",
}


def make_contact_page() -> ContactPage:
    made = ContactPage(
        title="Contact",
        slug="contact",
        introduction="Write to us.",
        receivers="one@example.org\ntwo@example.org",
        thank_you_text="We answer on Tuesday.",
        in_footer=True,
    )
    made.form_fields = [
        ContactField(label="Your name", field_type="singleline"),
        ContactField(label="E-mail", field_type="email", help_text="We answer to it."),
        ContactField(label="Subject", field_type="dropdown", choices="Training\nMembership"),
        ContactField(label="Message", field_type="multiline"),
        ContactField(label="Day", field_type="date", required=False),
        ContactField(label="How many", field_type="number", required=False),
        ContactField(label="Groups", field_type="checkboxes", choices="Exercises\nTraining", required=False),
        ContactField(label="Reply wanted?", field_type="checkbox", required=False),
    ]
    HomePage.objects.get().add_child(instance=made)
    return made


def opened(seconds_ago: float) -> str:
    """What the form holds when it was opened so long ago."""
    return signing.dumps(time.time() - seconds_ago, salt=SALT)


def send(client: Client, *, ago: float = 30, **changes: Any) -> Any:
    return client.post("/contact/", ANSWERS | {"opened-at": opened(ago), "your-website": ""} | changes)
