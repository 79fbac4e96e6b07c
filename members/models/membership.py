"""Membership: the one fact that opens the file share."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from members.enums import Decision, Standing

if TYPE_CHECKING:
    from members.models.user import User


LONGEST_REASON = 200  # characters, as many as the access record keeps


class MembershipLevel(models.Model):
    name = models.CharField(max_length=100, unique=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


def _expired(today: datetime.date) -> Q:
    return Q(expires_on__lt=today)


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Chainable adjectives. `current` is *the* definition of a current member; everything else asks it."""

    def current(self) -> MembershipQuerySet:
        today = timezone.localdate()
        return self.filter(~_expired(today) | Q(expires_on=None), decision=Decision.APPROVED, starts_on__lte=today)

    def waiting(self) -> MembershipQuerySet:
        return self.filter(decision=Decision.PENDING)

    def with_standing(self) -> MembershipQuerySet:
        """Adds `standing` (a `Standing` value) as of today in the site's time zone."""
        current = Membership.objects.current().filter(pk=models.OuterRef("pk"))
        return self.annotate(
            standing=Case(
                When(decision=Decision.PENDING, then=Value(Standing.APPLICANT)),
                When(decision=Decision.SUSPENDED, then=Value(Standing.SUSPENDED)),
                When(models.Exists(current), then=Value(Standing.CURRENT)),
                default=Value(Standing.LAPSED),
                output_field=models.CharField(),
            )
        )


class Membership(models.Model):
    """One person's membership. `decision` is what people decided; whether it is current follows from that and the
    dates (`MembershipQuerySet.current`), so that time alone needs no job to take effect."""

    user: models.OneToOneField[User, User] = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="membership", verbose_name="name"
    )
    number = models.PositiveIntegerField("membership number", unique=True, null=True, blank=True)
    decision = models.CharField(max_length=12, choices=Decision, default=Decision.PENDING)
    level = models.ForeignKey(MembershipLevel, on_delete=models.PROTECT, null=True, blank=True)
    organisation = models.ForeignKey("members.Organisation", on_delete=models.SET_NULL, null=True, blank=True)
    applied_at = models.DateTimeField(default=timezone.now)
    starts_on = models.DateField("member since", null=True, blank=True)
    expires_on = models.DateField("member until", null=True, blank=True, help_text="The last day. Empty: no end.")
    reason = models.CharField(
        "reason for suspension",
        blank=True,
        max_length=LONGEST_REASON,
        help_text="The person reads this sentence after signing in.",
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["user__last_name", "user__first_name"]
        indexes = [models.Index(fields=["decision", "expires_on"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(starts_on=None) | Q(expires_on__gte=F("starts_on")),
                name="membership_ends_after_it_starts",
                violation_error_message="A membership cannot end before it starts.",
            ),
            models.CheckConstraint(
                condition=Q(decision=Decision.PENDING) | Q(number__isnull=False, starts_on__isnull=False),
                name="membership_has_number_and_start_once_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.number_label})"

    @property
    def number_label(self) -> str:
        """The number as members see it: five digits."""
        return f"{self.number:05d}" if self.number else "no number yet"

    @property
    def standing_label(self) -> str:
        """Today's standing in words, also for a row that was fetched without `with_standing`."""
        row: Any = self if hasattr(self, "standing") else Membership.objects.with_standing().get(pk=self.pk)
        return str(Standing(row.standing).label)
