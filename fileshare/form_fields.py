"""The fields of a paper in Wagtail's administration, and what stands beside them."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils import timezone
from django.utils.html import format_html
from wagtail.admin.widgets import AdminTagWidget
from wagtail.documents.forms import BaseDocumentForm
from wagtail.models import Collection

from fileshare import hearing, languages
from fileshare.audiences import Audiences
from fileshare.enums import Change, Telling
from fileshare.models import SharedDocument
from fileshare.services import scan, tell
from members.models import User

if TYPE_CHECKING:

    class BaseForm(forms.ModelForm[SharedDocument]):
        """What this module uses of Wagtail's form, which has no types."""

        collections: list[Collection]

        def _save_m2m(self) -> None: ...
else:
    BaseForm = BaseDocumentForm


# Years outside which a date is a slip of the finger.
OLDEST_PUBLICATION, YEARS_AHEAD = 1990, 50
MomentOrDay = TypeVar("MomentOrDay", datetime.datetime | None, datetime.date | None)
MOMENT = "%Y-%m-%dT%H:%M"  # as the browser's own field has it


def check_year(moment: MomentOrDay, called: str) -> MomentOrDay:
    """The moment or day, if it lies in years that make sense. Raises ValidationError."""
    latest = timezone.localdate().year + YEARS_AHEAD
    if moment is not None and not OLDEST_PUBLICATION <= moment.year <= latest:
        raise ValidationError(f"Please check the year: the {called} lies between {OLDEST_PUBLICATION} and {latest}.")
    return moment


class NewVersionForm(forms.Form):
    """What is said of a file that takes the place of another."""

    AGAIN = "again"
    CHANGES = ((Change.MINOR, "A small correction, such as a typing error"), (Change.MAJOR, "A real change"))

    change = forms.ChoiceField(
        label="How much has changed",
        required=False,
        initial=Change.MAJOR,
        widget=forms.RadioSelect,
        choices=[*CHANGES, (AGAIN, "A real change, which members are asked to confirm again")],
    )
    version_note = forms.CharField(
        label="What is new in this file",
        required=False,
        max_length=255,
        help_text="Members read it beside the version.",
    )

    def offer_changes(self, paper: SharedDocument) -> None:
        """Asking again is offered where the paper asks at all."""
        self.fields["version_note"].help_text = "Members read both beside the version."
        field = cast("forms.ChoiceField", self.fields["change"])
        if paper.acknowledge_by is None:
            field.choices = self.CHANGES
        else:
            field.help_text = "Unless you ask again, whoever has confirmed a former version need not do it again."

    @property
    def said_of_version(self) -> dict[str, Any]:
        """As the services take it."""
        change = self.cleaned_data["change"]
        return {
            "note": self.cleaned_data["version_note"],
            "change": Change.MINOR if change == Change.MINOR else Change.MAJOR,
            "asks_again": change == self.AGAIN,
        }


class TellingField(forms.ChoiceField):
    """Whether members are told. Where nothing is said of it, it stays as it was."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data) and super().has_changed(initial, data)


def name_audiences(field: Any, more: Callable[[Collection], str] = lambda _folder: "") -> None:
    """Have a choice of folders say of each who may read what lies in it, and `more`."""
    audiences, named = Audiences(), field.label_from_instance

    def label(folder: Collection) -> str:
        name = "No folder, beside the folders" if folder.is_root() else named(folder)
        return format_html("{} — {}{}", name, audiences.of(folder), more(folder))

    field.label_from_instance = label


class PaperFieldsForm(NewVersionForm, BaseForm):
    """What is asked of a paper, in which order and in which words."""

    telling = TellingField(
        label="Telling members",
        required=False,
        widget=forms.RadioSelect,
        choices=[(each.value, each.label) for each in (Telling.FOLDER, Telling.YES, Telling.NO)],
        help_text="Who may read the paper hears of it by mail, at the pace that each has chosen, and on the site; "
        "once, when they may read it, never before. What is marked above TLP:GREEN is mentioned without its title.",
    )
    recipient_addresses = forms.CharField(
        label="Named recipients",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=(
            "For TLP:RED: the e-mail addresses of the people who may read it, one on each line or with commas between."
        ),
    )
    withdrawn = forms.BooleanField(
        label="Withdrawn", required=False, help_text="Members can no longer see the paper. Nothing is lost."
    )
    withdrawal_reason = forms.CharField(
        label="Reason for withdrawing",
        required=False,
        max_length=200,
        help_text="Needed when you withdraw the paper; editors read it here, and the access record keeps it.",
    )
    marking_reason = forms.CharField(
        label="Reason for a new marking",
        required=False,
        max_length=200,
        help_text="Needed when you raise or lower the marking; it is kept in the access record.",
    )
    owner_address = forms.EmailField(
        label="Owner",
        required=False,
        max_length=254,
        help_text="The e-mail address of the person who looks after the paper and is asked to review it. It must be "
        "somebody who may change papers in its folder. Empty: nobody.",
    )
    same_file_too = forms.BooleanField(
        label="Bring this file all the same",
        required=False,
        help_text="Tick it and choose the file again, if you want it here twice.",
    )
    file_name = forms.CharField(required=False, widget=forms.HiddenInput)

    # A file that waits in the store for its details (Wagtail's upload of several at once); set by the view's subclass.
    waiting_file: File[bytes] | None = None
    # Not where a file is dropped: there its editor reads beside the form that it is here already.
    asks_about_twins = True

    # First whatever decides who reads the paper, and from when.
    field_order = (
        "title",
        "file",
        "same_file_too",
        "collection",
        "marking",
        "recipient_addresses",
        "marking_reason",
        "publish_at",
        "expires_at",
        "telling",
        "description",
        "source",
        "original_date",
        "language",
        "caveat",
        "acknowledge_by",
        "review_on",
        "owner_address",
    )

    class Meta(BaseDocumentForm.Meta):
        # The browser's own date fields: Wagtail's need scripts of their own, which its chooser's dialogue brings in a
        # way that the content policy forbids.
        widgets = BaseDocumentForm.Meta.widgets | {
            "tags": AdminTagWidget,
            "review_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "acknowledge_by": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "description": forms.Textarea(attrs={"rows": 3}),
            "language": forms.Select(choices=languages.choices()),
            "original_date": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "publish_at": forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"}),
            "expires_at": forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user: User | None = kwargs.get("user")
        super().__init__(*args, **kwargs)
        self.marking_before: str = self.instance.marking if self.instance.pk else ""
        if self.instance.pk:
            self.initial["withdrawn"] = self.instance.is_withdrawn
            self.initial["withdrawal_reason"] = self.instance.withdrawal_reason
            addresses = self.instance.recipients.order_by("email").values_list("email", flat=True)
            self.initial["owner_address"] = self.instance.owner.email if self.instance.owner else ""
            self.initial["recipient_addresses"] = "\n".join(addresses)
            self.offer_changes(self.instance)
            self.order_fields(["title", "file", "same_file_too", "change", "version_note"])
        else:
            for name in ("withdrawn", "withdrawal_reason", "marking_reason", "change"):
                del self.fields[name]
            self._ask_for_the_folder()
        for name in ("publish_at", "expires_at"):
            if self.initial.get(name):  # the field shows minutes; seconds would make it look changed
                self.initial[name] = self.initial[name].replace(second=0, microsecond=0)
        if "collection" in self.fields:
            self._say_who_reads()
        if "telling" in self.fields:
            self._say_who_is_told()
        if "file" in self.fields:
            scanned = " and scanned for viruses" if scan.is_wanted() else "; they are not scanned for viruses"
            self.fields["file"].help_text += f" Files are judged by their content{scanned}."
        if not (self.asks_about_twins and self.is_bound and "file" in self.fields):
            del self.fields["same_file_too"]
        if self.waiting_file is None and not (self.prefix or "").startswith("uploaded-document"):
            del self.fields["file_name"]

    def _ask_for_the_folder(self) -> None:
        """A new paper goes where its editor says: even of one folder none is chosen beforehand."""
        field: Any = self.fields.get("collection")
        if field is None:  # Wagtail leaves it away where there is one folder to choose
            field = self.fields["collection"] = copy.deepcopy(self.base_fields["collection"])
            field.queryset = self.collections
            self.order_fields(self.field_order)
        field.required, field.empty_label = True, "Choose a folder"
        self.initial["collection"] = None

    def _say_who_reads(self) -> None:
        field = cast("Any", self.fields["collection"])
        silent = tell.silent_folders()
        name_audiences(field, lambda folder: ", who are not told of new papers" if folder.pk in silent else "")
        field.error_messages["required"] = "Please choose the folder: it decides who may read the paper."
        field.help_text = (
            "The folder decides who may read the paper; behind each name stands its audience. From the publication "
            "on, and as soon as the file has been checked, all of them can open it; a TLP:RED paper, only those of "
            "them who are named recipients."
        )

    def _say_who_is_told(self) -> None:
        """How many that would be now; nothing is asked any more once they have been told."""
        is_new = self.instance.pk is None
        if is_new:
            self.initial["telling"] = Telling.FOLDER
        if self.instance.telling == Telling.TOLD:
            del self.fields["telling"]
        elif not self.is_bound:
            field = self.fields["telling"]
            field.help_text = f"{field.help_text} {hearing.in_words(None if is_new else self.instance)}".strip()

    def clean_telling(self) -> str:
        return self.cleaned_data["telling"] or self.initial.get("telling") or self.instance.telling
