"""Forms of the membership secretary's decisions."""

from __future__ import annotations

import calendar
import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput

from members.form_fields import Words
from members.models import Membership, MembershipLevel
from members.models.membership import LONGEST_REASON
from members.services.membership import OWN, is_oneself

LONGEST_YEARS = 50
CHANGED_MEANWHILE = (
    "Somebody else has changed this membership since you opened this page. Above you see how it is now; "
    "send the form again if it is still what you want."
)
CHANGED_MEANWHILE_ELSEWHERE = (
    "Somebody else has changed this membership since you opened this page. Open it again to see how it is now."
)


def not_absurdly_far(day: datetime.date) -> None:
    """A slip of the keyboard such as 9999 is refused with a sentence."""
    if day.year > timezone.localdate().year + LONGEST_YEARS:
        raise ValidationError(f"Please choose a day within the next {LONGEST_YEARS} years, or leave it empty.")


def a_year_from(day: datetime.date) -> datetime.date:
    """The last day of a membership year that begins on `day`."""
    year = day.year + 1
    last = min(day.day, calendar.monthrange(year, day.month)[1])
    return datetime.date(year, day.month, last) - datetime.timedelta(days=1)


def in_a_year(last: datetime.date | None) -> datetime.date:
    """The end that an extension suggests: a year after the present one, or from today where that has passed."""
    today = timezone.localdate()
    later = last is not None and today <= last and last.year < datetime.MAXYEAR
    return a_year_from(last + datetime.timedelta(days=1) if last and later else today)


def as_it_is(membership: Membership) -> str:
    """What a decision rests on, to see whether somebody else has decided meanwhile."""
    facts = (membership.decision, membership.expires_on, membership.level_id, membership.organisation_id)
    return " ".join(str(each) for each in facts)


class DecisionForm(forms.Form):
    """One decision about one membership."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, membership: Membership, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.membership = membership
        self.suggest()
        self.initial["seen"] = as_it_is(membership)

    def suggest(self) -> None:
        """Fill in what is most likely."""

    def clean(self) -> dict[str, Any]:
        """Two secretaries at once: the second one looks at what the first one did before deciding."""
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        seen, now = facts.pop("seen", ""), as_it_is(self.membership)
        if seen and seen != now:
            self.data = {**dict(self.data.items()), "seen": now}
            raise ValidationError(CHANGED_MEANWHILE)
        return facts


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
    reason = Words(
        longest=LONGEST_REASON,
        error_messages={"required": "Please say why in a sentence: the member reads it after signing in."},
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"The member reads this sentence after signing in. At most {LONGEST_REASON} characters.",
    )


class ReinstateForm(DecisionForm):
    pass


def _note(help_text: str) -> forms.CharField:
    return Words(
        longest=LONGEST_REASON,
        label="Reason",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=help_text,
    )


class ResignForm(DecisionForm):
    reason = _note(f"Kept in the record, and shown to secretaries alone. At most {LONGEST_REASON} characters.")


class ExtendForm(DecisionForm):
    expires_on = forms.DateField(
        label="Member until",
        required=False,
        widget=AdminDateInput,
        validators=[not_absurdly_far],
    )

    def suggest(self) -> None:
        last = self.membership.expires_on
        if last is None:
            help_text = "This membership has no end at present. Leave empty to keep it so."
        else:
            ends = "runs" if last >= timezone.localdate() else "ran"
            help_text = f"It {ends} until {date_format(last, 'j F Y')}. Choose a later day, or leave empty for no end."
        self.fields["expires_on"].help_text = help_text
        self.initial = {"expires_on": in_a_year(last)}


class EndForm(DecisionForm):
    expires_on = forms.DateField(
        label="Last day",
        widget=AdminDateInput,
        error_messages={"required": "Please choose the last day on which the person is a member."},
        help_text="Today at the earliest. No days of grace follow.",
    )
    reason = _note(f"Kept in the record, and shown to secretaries alone. At most {LONGEST_REASON} characters.")

    def suggest(self) -> None:
        self.initial = {"expires_on": timezone.localdate()}


class DetailsForm(WagtailAdminModelForm):  # type: ignore[misc]  # Wagtail has no types
    """Level and organisation, on Wagtail's own page for changing a thing."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Membership
        fields = ["level", "organisation"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = as_it_is(self.instance)
        self.fields["level"].help_text = "What is open to a level's group is open to its current members at once."

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        if facts.get("seen") and facts["seen"] != as_it_is(self.instance):
            raise ValidationError(CHANGED_MEANWHILE_ELSEWHERE)
        if is_oneself(self.instance.user_id, self.for_user):
            raise ValidationError(OWN)
        return facts


# --- Several at once --------------------------------------------------------------------------------------------
class ExtendManyForm(forms.Form):
    expires_on = forms.DateField(
        label="Member until",
        required=False,
        widget=AdminDateInput,
        validators=[not_absurdly_far],
        help_text="The same last day for all of them. Empty: for each a year more than at present.",
    )


class ChangeLevelForm(forms.Form):
    level = forms.ModelChoiceField(
        MembershipLevel.objects.all(),
        empty_label=None,
        help_text="What is open to the level's group is open to them from then on.",
    )


class SuspendManyForm(forms.Form):
    reason = SuspendForm.base_fields["reason"]
