"""A mail on its way: kept from the decision that brings it until it is sent, so that none is lost and none doubled."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from members.enums import MailState


class OutgoingMail(models.Model):
    """One mail to one address. Written by `members.mail.post`, sent by `members.mail.send`.

    `occasion` says what brought it and whom it is for: a second mail for the same occasion cannot exist. The row
    outlives its words, which go once the mail is sent, since they may hold a link that opens something, and later its
    address (`members.services.old_mails`).
    """

    occasion = models.CharField(max_length=200, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="mails"
    )
    address = models.EmailField(blank=True, help_text="Empty once the mail is old.")
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(max_length=250)
    text = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    to_many = models.BooleanField(default=False, help_text="One of many that are sent together.")
    state = models.CharField(max_length=10, choices=MailState, default=MailState.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=200, blank=True, help_text="What the mail server said.")

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "created_at"]),
            models.Index(fields=["address"], condition=models.Q(state=MailState.REFUSED), name="refused_addresses"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=MailState.SENT) | models.Q(sent_at__isnull=False, text=""),
                name="sent_mail_has_a_time_and_no_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.address}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.subject = " ".join(self.subject.split())[:250]
        super().save(*args, **kwargs)
