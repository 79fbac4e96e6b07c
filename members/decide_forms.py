"""Forms of the secretary's decisions about applications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from wagtail.admin.widgets import AdminDateInput

from members import letters
from members.form_fields import Words
from members.forms import a_year_from, not_absurdly_far
from members.models import MembershipLevel, Organisation
from members.models.application import LONGEST_ORGANISATION, LONGEST_TEXT

if TYPE_CHECKING:
    from members.models import Application

LONGEST_SUBJECT, LONGEST_LETTER = 200, 10_000


class ApplicationDecisionForm(forms.Form):
    """About one application, or, without one, about several."""

    def __init__(self, *args: Any, application: Application | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.application = application
        self.suggest()

    def suggest(self) -> None:
        """Fill in what is most likely."""

    @property
    def facts(self) -> dict[str, Any]:
        """What the service is called with."""
        return dict(self.cleaned_data)


class LetterForm(ApplicationDecisionForm):
    """With the mail that tells of the decision, to be edited before it is sent."""

    template = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        subject, text = letters.draft(self.template, self.application)
        self.fields["subject"] = Words(longest=LONGEST_SUBJECT, label="Subject of the mail", initial=subject)
        self.fields["text"] = Words(
            longest=LONGEST_LETTER,
            label="The mail",
            initial=text,
            widget=forms.Textarea({"rows": 16}),
            error_messages={"required": "Please write what the applicant is to read."},
            help_text=self.explanation(),
        )

    def explanation(self) -> str:
        return f"Change it as you like: the applicant reads it as you leave it. {letters.FILLED_IN}"

    @property
    def facts(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        said["words"] = (said.pop("subject"), said.pop("text"))
        return said


class ApproveManyForm(LetterForm):
    template = "application_approved"
    level = forms.ModelChoiceField(MembershipLevel.objects.all(), required=False, empty_label="No level")
    expires_on = forms.DateField(
        label="Member until",
        required=False,
        widget=AdminDateInput,
        validators=[not_absurdly_far],
        help_text="The last day. Leave empty for no end.",
    )

    def suggest(self) -> None:
        self.initial = {"expires_on": a_year_from(timezone.localdate())}


class ApproveForm(ApproveManyForm):
    organisation = forms.ModelChoiceField(
        Organisation.objects.all(), required=False, empty_label="As typed below, or none"
    )
    organisation_name = Words(
        longest=LONGEST_ORGANISATION,
        label="New organisation",
        required=False,
        help_text="Used where none is chosen above: made from what the applicant typed. Empty for none.",
    )
    field_order = ["level", "organisation", "organisation_name", "expires_on"]

    def suggest(self) -> None:
        super().suggest()
        typed = self.application.organisation_name if self.application else ""
        known = Organisation.objects.filter(name__iexact=typed).first() if typed else None
        self.initial = {**self.initial, "organisation": known, "organisation_name": "" if known else typed}


class DeclineForm(LetterForm):
    template = "application_declined"

    def explanation(self) -> str:
        return (
            "Please say why. The applicant reads it as you leave it, by mail and on the site. "
            f"{letters.NAME} is filled in when the mail is sent."
        )


class AskForm(ApplicationDecisionForm):
    question = Words(
        longest=LONGEST_TEXT,
        label="What would you like to know?",
        widget=forms.Textarea({"rows": 6}),
        error_messages={"required": "Please write the question."},
        help_text="Goes by mail, with a link to a form. The answer comes back into the application.",
    )


class TakeUpForm(ApplicationDecisionForm):
    pass


class NoteForm(forms.Form):
    text = Words(
        longest=LONGEST_TEXT,
        label="Note",
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Please write something first."},
        help_text="For the secretaries. The applicant never sees it.",
    )
