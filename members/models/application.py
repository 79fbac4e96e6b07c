"""An application for membership: what was written, what was said about it, and where it stands."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.formats import date_format

from members.enums import ApplicationState, EntryKind

if TYPE_CHECKING:
    from members.models.user import User

OPEN = (ApplicationState.NEW, ApplicationState.REVIEW, ApplicationState.ASKED)
DECIDED = (ApplicationState.APPROVED, ApplicationState.DECLINED)
CODE_GOOD_FOR = datetime.timedelta(minutes=15)
MOST_ATTEMPTS = 5
LONGEST_NAME, LONGEST_ORGANISATION, LONGEST_ROLE, LONGEST_TEXT = 150, 200, 100, 2_000  # characters


class ApplicationQuerySet(models.QuerySet["Application"]):
    def received(self) -> ApplicationQuerySet:
        """Those whose address was confirmed: the others do not exist for anybody but their writer."""
        return self.exclude(state=ApplicationState.UNCONFIRMED)

    def open(self) -> ApplicationQuerySet:
        return self.filter(state__in=OPEN)

    def matching(self, words: str) -> ApplicationQuerySet:
        """Those in whose name, address or organisation every word stands."""
        found = self
        for word in words.split():
            found = found.filter(
                Q(first_name__icontains=word)
                | Q(last_name__icontains=word)
                | Q(email__icontains=word)
                | Q(organisation_name__icontains=word)
            )
        return found

    def queued(self) -> ApplicationQuerySet:
        """Those that wait for the secretary first, the oldest at the head; then those that wait for the applicant, and
        what is over, the latest first."""
        rank = models.Case(
            models.When(state__in=(ApplicationState.NEW, ApplicationState.REVIEW), then=0),
            models.When(state=ApplicationState.ASKED, then=1),
            default=2,
            output_field=models.IntegerField(),
        )
        return self.order_by(rank, F("decided_at").desc(nulls_first=True), "applied_at", "pk")


class Application(models.Model):
    """Written by whoever knows the form, and theirs once they have typed the code that was mailed to the address.

    Until then there is no account. Afterwards the person has one, with a membership that waits for the decision.
    """

    user: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="applications"
    )
    state = models.CharField(max_length=12, choices=ApplicationState, default=ApplicationState.UNCONFIRMED)
    email = models.EmailField("e-mail address")
    first_name = models.CharField(max_length=LONGEST_NAME)
    last_name = models.CharField(max_length=LONGEST_NAME)
    organisation_name = models.CharField("organisation", max_length=LONGEST_ORGANISATION, blank=True)
    role = models.CharField(max_length=LONGEST_ROLE, blank=True)
    why = models.TextField(max_length=LONGEST_TEXT)
    answers = models.JSONField(default=list, help_text="Pairs of a question, as it was asked, and the answer in words.")
    consent_text = models.CharField(max_length=500)
    consented_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField("applied", default=timezone.now)
    decided_at = models.DateTimeField("decided", null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    code_digest = models.CharField(max_length=64, blank=True)
    code_good_until = models.DateTimeField(default=timezone.now)
    code_attempts = models.PositiveSmallIntegerField(default=0)
    codes_sent = models.PositiveSmallIntegerField(default=0)

    objects = ApplicationQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-applied_at"]
        indexes = [models.Index(fields=["state", "applied_at"]), models.Index(fields=["email"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ApplicationState.UNCONFIRMED) | Q(user__isnull=False, code_digest=""),
                name="application_that_is_confirmed_is_somebodys",
            ),
            models.CheckConstraint(
                condition=Q(state__in=DECIDED, decided_at__isnull=False) | (~Q(state__in=DECIDED) & Q(decided_at=None)),
                name="application_that_is_decided_has_a_time",
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(state__in=OPEN), name="one_open_application_for_each_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def applied_label(self) -> str:
        return date_format(timezone.localtime(self.applied_at), "j F Y")

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]

    def digest_of(self, code: str) -> str:
        """Bound to this application, so that no other's code fits."""
        return salted_hmac("members.application", f"{self.pk} {code}", algorithm="sha256").hexdigest()

    def is_code(self, code: str) -> bool:
        return self.code_good_until > timezone.now() and constant_time_compare(self.code_digest, self.digest_of(code))


class ApplicationEntry(models.Model):
    """What was said about an application, in order."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=8, choices=EntryKind)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.at:%Y-%m-%d}"
