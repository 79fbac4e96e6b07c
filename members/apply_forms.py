"""What applicants and invited people fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password

from members.addresses import AddressField
from members.form_fields import ArrangedFormBuilder, Words, check_name, in_words
from members.models import ApplicationQuestion, JoiningSettings, User
from members.models.application import LONGEST_NAME, LONGEST_ORGANISATION, LONGEST_ROLE, LONGEST_TEXT
from members.services.apply import Written

if TYPE_CHECKING:
    from members.models import Invitation

FILL_IN = {"required": "Please fill this in."}


def _name(label: str, purpose: str) -> Words:
    widget = forms.TextInput({"autocomplete": purpose})
    return Words(longest=LONGEST_NAME, label=label, widget=widget, error_messages=FILL_IN, validators=[check_name])


def _consent(joining: JoiningSettings) -> forms.BooleanField:
    words = {"required": "Please tick this box: without it nothing can be kept."}
    return forms.BooleanField(label=joining.consent_text, error_messages=words)


class ApplicationForm(forms.Form):
    """The association's own questions stand between the usual ones and the consent."""

    first_name = _name("First name", "given-name")
    last_name = _name("Last name", "family-name")
    email = AddressField(help_text="We send a code to it, to be sure that it is yours.")
    organisation_name = Words(
        longest=LONGEST_ORGANISATION,
        label="Organisation",
        required=False,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    role = Words(
        longest=LONGEST_ROLE,
        label="Your role there",
        required=False,
        widget=forms.TextInput({"autocomplete": "organization-title"}),
    )
    why = Words(
        longest=LONGEST_TEXT,
        label="Why would you like to be a member?",
        widget=forms.Textarea({"rows": 5}),
        error_messages=FILL_IN,
    )

    def __init__(self, *args: Any, joining: JoiningSettings, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions: list[ApplicationQuestion] = list(joining.questions.all())
        builder = ArrangedFormBuilder(self.questions)
        for question in self.questions:
            self.fields[question.field_name] = builder.field_of(question)
        self.consent_text = joining.consent_text
        self.fields["consent"] = _consent(joining)
        if user is not None:
            del self.fields["email"]
            self.initial = {"first_name": user.first_name, "last_name": user.last_name}

    @property
    def written(self) -> Written:
        said = self.cleaned_data
        answers = [(each.label, in_words(said[each.field_name])) for each in self.questions]
        return Written(
            first_name=said["first_name"],
            last_name=said["last_name"],
            organisation_name=said["organisation_name"],
            role=said["role"],
            why=said["why"],
            consent_text=self.consent_text,
            answers=[(question, answer) for question, answer in answers if answer],
        )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=20,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={
            "required": "Please type the six digits from the mail.",
            "max_length": "The code has six digits alone.",
        },
    )


class AnswerForm(forms.Form):
    text = Words(
        longest=LONGEST_TEXT,
        label="Your answer",
        widget=forms.Textarea({"rows": 6}),
        error_messages={"required": "Please write your answer first."},
    )


class AcceptForm(forms.Form):
    """For an invited person who has an account: nothing but the consent."""

    def __init__(self, *args: Any, joining: JoiningSettings, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        self.fields["consent"] = _consent(joining)


class PasswordForm(AcceptForm):
    """For an invited person who has an account and no way in yet."""

    password1 = forms.CharField(
        label="Choose a password",
        max_length=1_000,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": "Please choose a password."},
    )
    password2 = forms.CharField(
        label="The password once more",
        max_length=1_000,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": "Please type the password a second time."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = password_validators_help_text_html()

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        first, second = said.get("password1"), said.get("password2")
        if first and second and first != second:
            self.add_error("password2", "The two passwords are not the same.")
        elif first:
            names = {name: said.get(name, "") for name in ("first_name", "last_name")}
            try:
                validate_password(first, User(email=self.invitation.email, **names))
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return said


class JoinForm(PasswordForm):
    """For an invited person who has no account."""

    first_name = _name("First name", "given-name")
    last_name = _name("Last name", "family-name")
    field_order = ["first_name", "last_name"]

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, invitation=invitation, **kwargs)
        self.initial = {"first_name": invitation.first_name, "last_name": invitation.last_name}
