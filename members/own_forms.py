"""Forms of the member's own pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from members.form_fields import check_name
from members.models import Membership, Profile
from members.models.profile import LONGEST_ABOUT, LONGEST_PHONE, LONGEST_ROLE
from members.plain_text import is_blank, one_line

if TYPE_CHECKING:
    from members.models import User

PHONE = re.compile(r"\+?[0-9 ()./-]+( ?(ext\.?|x) ?[0-9]+)?", re.I)


class LineField(forms.CharField):
    """One line of words, without what could disturb other people's pages and mails."""

    def to_python(self, value: Any) -> str:
        text = one_line(super().to_python(value) or "")
        return "" if is_blank(text) else text


class DetailsForm(forms.Form):
    """Who the person is. Without a membership nobody asks for an organisation."""

    first_name = LineField(
        label="First name", max_length=150, validators=[check_name],
        error_messages={"required": "Please give your first name."},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )  # fmt: skip
    last_name = LineField(
        label="Last name", max_length=150, validators=[check_name],
        error_messages={"required": "Please give your last name."},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )  # fmt: skip
    organisation = LineField(
        label="Organisation", max_length=200, required=False,
        help_text="A change waits until the membership secretary has confirmed it, since restricted papers may be "
        "passed on within an organisation.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )  # fmt: skip
    role = LineField(
        label="Role", max_length=LONGEST_ROLE, required=False, help_text="Such as “Head of safety”.",
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )  # fmt: skip
    phone = LineField(
        label="Phone", max_length=LONGEST_PHONE, required=False,
        help_text="For the membership secretary. Other members see it only if you say so in your directory entry.",
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, profile: Profile | None, **kwargs: Any) -> None:
        membership = Membership.objects.select_related("organisation").filter(user=user).first()
        present = str(membership.organisation or "") if membership else ""
        self.asked = profile.organisation_asked if profile else ""
        initial = {
            "first_name": user.first_name,
            "last_name": user.last_name,
            "organisation": self.asked or present,
            "role": profile.role if profile else "",
            "phone": profile.phone if profile else "",
        }
        super().__init__(*args, **{"initial": initial, **kwargs})
        if membership is None:
            del self.fields["organisation"]
        elif present:
            self.fields["organisation"].required = True
            self.fields["organisation"].error_messages["required"] = (
                f"Please give an organisation. You are entered under “{present}”; if that is no longer so and there is "
                "no other, write to the membership secretary."
            )

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone and not PHONE.fullmatch(phone):
            raise ValidationError("Please give the number in digits, such as +44 20 7946 0000.")
        return phone


class DirectoryEntryForm(forms.ModelForm[Profile]):
    """What other members see; nothing unless the first box is ticked."""

    about = LineField(
        label="A line about yourself", max_length=LONGEST_ABOUT, required=False,
        help_text=f"What others may ask you about. At most {LONGEST_ABOUT} characters.",
    )  # fmt: skip

    class Meta:
        model = Profile
        fields = [
            "is_listed", "shows_organisation", "shows_role", "shows_email", "shows_phone", "shows_about", "about",
        ]  # fmt: skip
        labels = {
            "is_listed": "Show me in the directory, with my name",
            "shows_organisation": "Show my organisation",
            "shows_role": "Show my role",
            "shows_email": "Show my e-mail address",
            "shows_phone": "Show my phone number",
            "shows_about": "Show the line about myself",
        }


class DirectorySearchForm(forms.Form):
    q = LineField(label="Name, organisation or role", max_length=100, required=False)


class LeaveForm(forms.Form):
    """The choice about the name, and that this is meant."""

    NAMES = (
        ("loses", "without my name: it says “A former member”"),
        ("keeps", "with my name"),
    )
    name = forms.ChoiceField(
        label="What I have written on the site stays", choices=NAMES, widget=forms.RadioSelect,
        error_messages={"required": "Please say whether your comments and posts keep your name."},
    )  # fmt: skip
    is_meant = forms.BooleanField(
        label="I want to leave, and everything about me to be erased",
        error_messages={"required": "Please tick this box if you want to leave."},
    )

    @property
    def keeps_name(self) -> bool:
        return bool(self.cleaned_data["name"] == "keeps")
