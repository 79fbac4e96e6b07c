"""Membership: the one fact that opens the file share."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThan
from django.utils import timezone

from members.enums import Decision, Standing

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    from members.models.user import User


REMINDERS = (30, 7, 0)  # days before the end
LONGEST_REASON = 200  # characters, as many as the access record keeps
LONGEST_GRACE = 366  # days
# Standings that were decided, whatever the day.
STORED = {
    Standing.APPLICANT: Decision.PENDING,
    Standing.SUSPENDED: Decision.SUSPENDED,
    Standing.RESIGNED: Decision.RESIGNED,
}


class MembershipLevel(models.Model):
    """A kind of membership. Its current members are in the audience of its group (`members.access.groups_of`)."""

    name = models.CharField(max_length=100, unique=True)
    order = models.PositiveSmallIntegerField(default=0, help_text="Lower numbers stand first.")
    group = models.ForeignKey(
        Group,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="levels",
        help_text=(
            "Folders and pages that are open to this group are open to current members of the level. "
            "Empty: a group is made for the level."
        ),
    )
    grace_days = models.PositiveSmallIntegerField(
        "days of grace",
        default=0,
        validators=[MaxValueValidator(LONGEST_GRACE)],
        help_text="For so many days after the last day of a membership the person stays a current member.",
    )

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(grace_days__lte=LONGEST_GRACE), name="level_gives_a_year_of_grace_at_most"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DaysAfter(models.Func):
    """The day that lies so many days after another, worked out by the database."""

    arity = 2
    output_field = models.DateField()
    template, arg_joiner = "(%(expressions)s)", " + "  # PostgreSQL adds whole days to a date

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        context |= {"template": "date(%(expressions)s || ' days')", "arg_joiner": ", "}
        return self.as_sql(compiler, connection, **context)


def _with_grace() -> Coalesce:
    """The last day and then the level's days of grace, if there is a level: never nothing where there is an end, since
    the opposite of a comparison with nothing finds nobody."""
    return Coalesce(DaysAfter(F("expires_on"), F("level__grace_days")), F("expires_on"))


def _last_day() -> Case:
    """The day after which a membership counts no more: with the grace, unless somebody decided that it ends early."""
    return Case(When(ended_early=False, then=_with_grace()), default=F("expires_on"))


def _is_current(today: datetime.date) -> Q:
    """*The* rule: approved, begun, not leaving for good, and the last day that counts (`_last_day`) has not passed.

    Written flat, since SQLite's parser gives up on deeply nested queries, and this stands innermost in the policy's.
    That `expires_on` is to come, or not too long ago, says nothing new: it spares the database working out a day for
    each of 100,000.
    """
    not_long_ago = Q(ended_early=False, expires_on__gte=today - datetime.timedelta(days=LONGEST_GRACE))
    in_grace = not_long_ago & Q(GreaterThanOrEqual(_with_grace(), Value(today)))
    runs = Q(expires_on=None) | Q(expires_on__gte=today) | in_grace
    return Q(decision=Decision.APPROVED, starts_on__lte=today, user__leaves_at=None) & runs


def _is_about(word: str) -> Q:
    number = Q(number=int(word)) if word.isdecimal() and len(word) < 10 else Q()
    return (
        Q(user__email__icontains=word)
        | Q(user__first_name__icontains=word)
        | Q(user__last_name__icontains=word)
        | Q(organisation__name__icontains=word)
        | number
    )


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Chainable adjectives. `current` is *the* definition of a current member; everything else asks it."""

    def current(self) -> MembershipQuerySet:
        return self.filter(_is_current(timezone.localdate()))

    def closed(self) -> MembershipQuerySet:
        """Decided about, and not current today: suspended, lapsed, or yet to begin."""
        current = Membership.objects.current().filter(pk=models.OuterRef("pk"))
        return self.filter(~models.Exists(current)).exclude(decision=Decision.PENDING)

    def waiting(self) -> MembershipQuerySet:
        return self.filter(decision=Decision.PENDING)

    def standing_as(self, standing: Standing) -> MembershipQuerySet:
        """Those who have this standing today."""
        if standing == Standing.LEAVING:
            return self.filter(user__leaves_at__isnull=False)
        if standing in STORED:
            return self.filter(decision=STORED[standing], user__leaves_at=None)
        today = timezone.localdate()
        over, current = Q(expires_on__isnull=False, expires_on__lt=today), _is_current(today)
        rule = {Standing.CURRENT: current & ~over, Standing.GRACE: current & over, Standing.LAPSED: ~current}
        return self.filter(rule[standing], decision=Decision.APPROVED, user__leaves_at=None)

    def without_password(self) -> MembershipQuerySet:
        """Accounts that nobody has signed in to: imported, or added by hand, and the person has chosen no password."""
        return self.filter(Q(user__password="") | Q(user__password__startswith=UNUSABLE_PASSWORD_PREFIX))

    def matching(self, words: str) -> MembershipQuerySet:
        """Those whom every word is about: part of the name, the address or the organisation, or the number."""
        found = self
        for word in words.split():
            found = found.filter(_is_about(word))
        return found

    def newly_lapsed(self) -> MembershipQuerySet:
        """Those whose time is over, and who have not been told."""
        today = timezone.localdate()
        return self.filter(
            Q(LessThan(_last_day(), Value(today))),
            decision=Decision.APPROVED,
            expires_on__lt=today,
            lapse_is_noted=False,
            user__leaves_at=None,
        )

    def due_for_a_reminder(self) -> MembershipQuerySet:
        """Those who have not had the latest reminder that the calendar asks for. With the timer away for days only the
        latest one is due: nobody is told twice in a minute."""
        today = timezone.localdate()
        due = Q(pk__in=[])
        latest = -1
        for days in sorted(REMINDERS):
            first, last = (today + datetime.timedelta(days=each) for each in (latest + 1, days))
            had = Q(reminded_days__isnull=False, reminded_days__lte=days)
            due |= Q(expires_on__range=(first, last)) & ~had
            latest = days
        soon = (today, today + datetime.timedelta(days=max(REMINDERS)))
        return self.current().filter(due, ended_early=False, expires_on__range=soon)

    def with_standing(self) -> MembershipQuerySet:
        """Adds `standing` (a `Standing` value) as of today in the site's time zone, and `last_day`, with the grace."""
        today = timezone.localdate()
        over = Q(expires_on__lt=today)
        return self.annotate(
            last_day=_last_day(),
            standing=Case(
                When(user__leaves_at__isnull=False, then=Value(Standing.LEAVING)),
                *(When(decision=decision, then=Value(standing)) for standing, decision in STORED.items()),
                When(_is_current(today) & over, then=Value(Standing.GRACE)),
                When(_is_current(today), then=Value(Standing.CURRENT)),
                default=Value(Standing.LAPSED),
                output_field=models.CharField(),
            ),
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
    ended_early = models.BooleanField(
        default=False, editable=False, help_text="Somebody decided the end: no grace follows, and no reminders go out."
    )
    # What time has brought for the present end. Each new end begins anew: see `members.services.lapse`.
    reminded_days = models.PositiveSmallIntegerField(null=True, editable=False)
    lapse_is_noted = models.BooleanField(default=False, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["user__last_name", "user__first_name"]
        indexes = [
            models.Index(fields=["decision", "expires_on"]),
            models.Index(fields=["expires_on"], condition=Q(lapse_is_noted=False), name="membership_lapse_to_be_noted"),
        ]
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
    def is_in_grace(self) -> bool:
        return bool(getattr(self, "standing", "") == Standing.GRACE)

    @property
    def standing_label(self) -> str:
        """Today's standing in words, also for a row that was fetched without `with_standing`."""
        row: Any = self if hasattr(self, "standing") else Membership.objects.with_standing().get(pk=self.pk)
        return str(Standing(row.standing).label)
