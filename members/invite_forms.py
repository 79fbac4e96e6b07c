"""Forms by which the secretary invites: one person, or a list from a CSV file."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core import signing
from django.utils import timezone
from wagtail.admin.widgets import AdminDateInput

from members import csv_rows
from members.addresses import AddressField
from members.csv_register import Unreadable, guess, open_table, require
from members.form_fields import Words
from members.forms import a_year_from, not_absurdly_far
from members.models import MembershipLevel, Organisation
from members.models.application import LONGEST_NAME, LONGEST_TEXT
from members.services import invite as services
from members.services.invite import Invitee

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from members.models import User

MOST_INVITEES = 500
LARGEST_FILE = 2 * 1024 * 1024  # bytes; five hundred lines are a tenth of it
SALT = "members.invite"
LOOKED_AT_FOR = 3600  # seconds from the preview to sending
READ = ("email", "first_name", "last_name", "name", "level", "organisation", "expires_on")


class InviteMembersForm(forms.Form):
    """Members who are in the register already: the message alone."""

    message = Words(
        longest=LONGEST_TEXT,
        label="Personal message",
        required=False,
        widget=forms.Textarea({"rows": 5}),
        help_text="Stands in the mail and on the page that it leads to.",
    )


class _InviteForm(InviteMembersForm):
    level = forms.ModelChoiceField(MembershipLevel.objects.all(), required=False, empty_label="No level")
    organisation = forms.ModelChoiceField(Organisation.objects.all(), required=False, empty_label="None")
    expires_on = forms.DateField(
        label="Member until",
        required=False,
        widget=AdminDateInput,
        validators=[not_absurdly_far],
        help_text="The last day. Leave empty for no end.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"expires_on": a_year_from(timezone.localdate()), **self.initial}

    def clean_expires_on(self) -> datetime.date | None:
        day: datetime.date | None = self.cleaned_data["expires_on"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError("That day has passed. Please choose today or a later day.")
        return day


class InviteForm(_InviteForm):
    """One person."""

    email = AddressField()
    first_name = Words(longest=LONGEST_NAME, required=False)
    last_name = Words(longest=LONGEST_NAME, required=False)
    field_order = ["email", "first_name", "last_name", "level", "organisation", "expires_on", "message"]

    @property
    def invitee(self) -> Invitee:
        said = dict(self.cleaned_data)
        said.pop("message")
        return Invitee(**said)


@dataclass(frozen=True)
class Line:
    """One line of the file, as it would be invited."""

    number: int
    invitee: Invitee


class InviteListForm(_InviteForm):
    """A file, looked at first: nobody is invited by it."""

    file = forms.FileField(
        label="CSV file",
        allow_empty_file=True,  # which is told in our own words
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
        error_messages={"required": "Please choose a file."},
        help_text=(
            "Its first line names the columns: E-mail and Last name, and if you like First name, Level, Organisation "
            "and Member until. What a line says goes before what you choose here."
        ),
    )
    field_order = ["file", "level", "organisation", "expires_on", "message"]

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.lines: list[Line] = []
        self.problems: list[csv_rows.Problem] = []
        self.note = ""

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size and file.size > LARGEST_FILE:
            raise forms.ValidationError("The file is larger than 2 MB. Please cut it into several files.")
        try:
            table = open_table(file.read())
            columns = {name: place for name, place in guess(table.head).items() if name in READ}
            require(columns, table.head)
            self.entries, self.problems = csv_rows.read(table.text, table.delimiter, columns)
        except Unreadable as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        self.note = table.note
        if len(self.entries) > MOST_INVITEES:
            raise forms.ValidationError(f"Please invite at most {MOST_INVITEES} people at once: cut the file in two.")
        return file

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return said
        levels = {each.name.casefold(): each for each in MembershipLevel.objects.all()}
        organisations = {each.name.casefold(): each for each in Organisation.objects.all()}
        for entry in self.entries:
            level = levels.get(entry.level.casefold()) if entry.level else said["level"]
            organisation = (
                organisations.get(entry.organisation.casefold()) if entry.organisation else said["organisation"]
            )
            self._judge(entry, level, organisation)
            invitee = Invitee(
                email=entry.email, first_name=entry.first_name, last_name=entry.last_name, level=level,
                organisation=organisation, expires_on=entry.expires_on or said["expires_on"],
            )  # fmt: skip
            self.lines.append(Line(entry.line, invitee))
        self.problems.sort(key=lambda problem: problem.line)
        return said

    def _judge(self, entry: csv_rows.Entry, level: MembershipLevel | None, organisation: Organisation | None) -> None:
        def wrong(column: str, sentence: str) -> None:
            self.problems.append(csv_rows.Problem(entry.line, column, sentence))

        if entry.level and level is None:
            wrong("Level", f"There is no level “{entry.level}”.")
        if entry.organisation and organisation is None:
            wrong("Organisation", f"“{entry.organisation}” is not known. Please add it first, or leave the cell empty.")
        if entry.expires_on and entry.expires_on < timezone.localdate():
            wrong("Member until", "That day has passed.")
        hindrance = services.hindrance(entry.email, self.by)
        if hindrance:
            wrong("E-mail", hindrance)

    @property
    def sealed(self) -> str:
        """What was looked at, for the button that sends it: nobody can change it on the way."""
        rows = [
            [each.invitee.email, each.invitee.first_name, each.invitee.last_name,
             each.invitee.level and each.invitee.level.pk, each.invitee.organisation and each.invitee.organisation.pk,
             each.invitee.expires_on and each.invitee.expires_on.isoformat()]
            for each in self.lines
        ]  # fmt: skip
        content = {"by": self.by.pk, "message": self.cleaned_data["message"], "rows": rows}
        return signing.dumps(content, salt=SALT, compress=True)


def unseal(sealed: str, by: User) -> tuple[list[Invitee], str]:
    """Who was looked at, and the message. Raises ValidationError when it is not this person's, or too old."""
    try:
        content = signing.loads(sealed, salt=SALT, max_age=LOOKED_AT_FOR)
    except signing.BadSignature:
        content = {"by": None}
    if content["by"] != by.pk:
        raise forms.ValidationError("The list was looked at too long ago. Please bring the file once more.")
    levels, organisations = MembershipLevel.objects.in_bulk(), Organisation.objects.in_bulk()
    invitees = [
        Invitee(
            email=email, first_name=first_name, last_name=last_name, level=levels.get(level),
            organisation=organisations.get(organisation),
            expires_on=datetime.date.fromisoformat(day) if day else None,
        )
        for email, first_name, last_name, level, organisation, day in content["rows"]
    ]  # fmt: skip
    return invitees, content["message"]
