"""Forms of the membership secretary's decisions."""

from __future__ import annotations

import calendar
import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.admin.widgets import AdminDateInput

from members.models import Membership, MembershipLevel
from members.models.membership import LONGEST_REASON

LONGEST_YEARS = 50


def not_absurdly_far(day: datetime.date) -> None:
    """A slip of the keyboard such as 9999 is refused with a sentence."""
    if day.year > timezone.localdate().year + LONGEST_YEARS:
        raise ValidationError(f"Please choose a day within the next {LONGEST_YEARS} years, or leave it empty.")


def a_year_from(day: datetime.date) -> datetime.date:
    """The last day of a membership year that begins on `day`."""
    year = day.year + 1
    last = min(day.day, calendar.monthrange(year, day.month)[1])
    return datetime.date(year, day.month, last) - datetime.timedelta(days=1)


class DecisionForm(forms.Form):
    """One decision about one membership."""

    def __init__(self, *args: object, membership: Membership, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.membership = membership
        self.suggest()

    def suggest(self) -> None:
        """Fill in what is most likely."""


class ApproveForm(DecisionForm):
    level = forms.ModelChoiceField(MembershipLevel.objects.all(), required=False, empty_label="No level")
    expires_on = forms.DateField(
        label="Member until",
        required=False,
        widget=AdminDateInput,
        validators=[not_absurdly_far],
        help_text="The last day. Leave empty for no end.",
    )

    def suggest(self) -> None:
        self.initial = {"level": self.membership.level_id, "expires_on": a_year_from(timezone.localdate())}


class SuspendForm(DecisionForm):
    reason = forms.CharField(
        error_messages={"required": "Please say why in a sentence: the member reads it after signing in."},
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_REASON,
        help_text=f"The member reads this sentence after signing in. At most {LONGEST_REASON} characters.",
    )


class ReinstateForm(DecisionForm):
    pass


class ExtendForm(DecisionForm):
    expires_on = forms.DateField(
        label="Member until",
        required=False,
        widget=AdminDateInput,
        validators=[not_absurdly_far],
    )

    def suggest(self) -> None:
        today = timezone.localdate()
        last = self.membership.expires_on
        if last is None:
            help_text = "This membership has no end at present. Leave empty to keep it so."
        else:
            ends = "runs" if last >= today else "ran"
            help_text = f"It {ends} until {date_format(last, 'j F Y')}. Choose a later day, or leave empty for no end."
        self.fields["expires_on"].help_text = help_text
        later = last is not None and today <= last and last.year < datetime.MAXYEAR
        self.initial = {"expires_on": a_year_from(last + datetime.timedelta(days=1) if last and later else today)}
