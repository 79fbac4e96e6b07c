"""Mail about a message that came through a contact page, to those whom the page names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format

from members import mail
from portal.models import ContactPage

if TYPE_CHECKING:
    from wagtail.contrib.forms.models import FormSubmission

    from portal.models import ContactField


def _heading(field: ContactField) -> str:
    return field.label if field.label.endswith(("?", ":")) else f"{field.label}:"


def _said(field: ContactField, value: Any) -> str:
    """An answer in words, as it is kept: a list of choices, yes or no, a day, a text."""
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    day = parse_date(value) if field.field_type == "date" and value else None
    return date_format(day, "j F Y") if day else str(value or "")


def tell_receivers(message: FormSubmission) -> None:
    """One mail to all of them, which an answer leads back from to the sender. Nothing where the page names nobody."""
    page = ContactPage.objects.get(pk=message.page_id)
    if not page.addresses:
        return
    fields = list(page.get_form_fields())
    answers = [(_heading(field), _said(field, message.form_data.get(field.clean_name))) for field in fields]
    emails = [message.form_data.get(field.clean_name) for field in fields if field.field_type == "email"]
    sender = next(filter(None, emails), "")
    context = {
        "page": page,
        "answers": [(heading, words) for heading, words in answers if words],
        "sender": sender,
        "kept_at": f"{settings.BASE_URL}{reverse('wagtailforms:list_submissions', args=[page.pk])}",
    }
    subject, text = mail.words_of("contact_message", context)
    mail.letter(to=page.addresses, subject=subject, text=text, reply_to=sender).send()
