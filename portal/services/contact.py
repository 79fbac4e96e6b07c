"""What people send through a contact page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from wagtail.contrib.forms.models import FormSubmission

from portal.tasks import mail_contact_message

if TYPE_CHECKING:
    from portal.models import ContactPage


@transaction.atomic
def receive(*, page: ContactPage, answers: dict[str, Any]) -> FormSubmission:
    """Keep a message, by the names of the form's fields; the receivers are told by mail once it is safe."""
    message = FormSubmission.objects.create(page=page, form_data=answers)
    transaction.on_commit(partial(mail_contact_message.enqueue, message.pk))
    return message
