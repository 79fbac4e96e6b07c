"""The form behind every door of Wagtail's administration through which a paper comes in or changes."""

from __future__ import annotations

import copy
import datetime
import tempfile
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.html import format_html
from wagtail.admin.widgets import AdminTagWidget
from wagtail.documents.forms import BaseDocumentForm
from wagtail.models import Collection
from wagtail.search import index as search_index

from fileshare import delivery
from fileshare.audiences import Audiences
from fileshare.inspection import formats, pdf
from fileshare.markings import MUST_BE_A_PLAIN_PDF, Marking
from fileshare.models import SharedDocument
from fileshare.services import inspect, publish, upload
from members.models import User

if TYPE_CHECKING:

    class BaseForm(forms.ModelForm[SharedDocument]):
        """What this module uses of Wagtail's form, which has no types."""

        collections: list[Collection]

        def _save_m2m(self) -> None: ...
else:
    BaseForm = BaseDocumentForm


# Years outside which a date is a slip of the finger.
OLDEST_ORIGINAL, OLDEST_PUBLICATION, YEARS_AHEAD = 1500, 1990, 50
# Fields with a row of their own in the record.
NO_DETAILS = ("file", "version_note", "withdrawn", "withdrawal_reason")


def obstacle_to_stamping(file: File[bytes]) -> str:
    """Why a PDF that is being uploaded cannot be marked above GREEN; empty when it can."""
    if isinstance(file, TemporaryUploadedFile):
        return pdf.examine(file.temporary_file_path()).obstacle
    with tempfile.NamedTemporaryFile(suffix=".pdf") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        file.seek(0)
        return pdf.examine(copy.name).obstacle


class SharedDocumentForm(BaseForm):
    """Details and file of one paper. Saving goes through the services, which version, record and inspect."""

    recipient_addresses = forms.CharField(
        label="Named recipients",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For TLP:RED: the e-mail addresses of the people who may read it, one on each line.",
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
    version_note = forms.CharField(
        label="What is new in this file",
        required=False,
        max_length=255,
        help_text="Members read it beside the version.",
    )
    marking_reason = forms.CharField(
        label="Reason for a new marking",
        required=False,
        max_length=200,
        help_text="Needed when you raise or lower the marking; it is kept in the access record.",
    )
    file_name = forms.CharField(required=False, widget=forms.HiddenInput)

    # A file that waits in the store for its details (Wagtail's upload of several at once); set by the view's subclass.
    waiting_file: File[bytes] | None = None

    # First whatever decides who reads the paper, and from when.
    field_order = (
        "title",
        "file",
        "collection",
        "marking",
        "recipient_addresses",
        "marking_reason",
        "publish_at",
        "expires_at",
    )

    class Meta(BaseDocumentForm.Meta):
        # The browser's own date fields: Wagtail's need scripts of their own, which its chooser's dialogue brings in a
        # way that the content policy forbids.
        widgets = BaseDocumentForm.Meta.widgets | {
            "tags": AdminTagWidget,
            "description": forms.Textarea(attrs={"rows": 3}),
            "original_date": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "publish_at": forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
            "expires_at": forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user: User | None = kwargs.get("user")
        super().__init__(*args, **kwargs)
        self.marking_before: str = self.instance.marking if self.instance.pk else ""
        if self.instance.pk:
            self.initial["withdrawn"] = self.instance.is_withdrawn
            self.initial["withdrawal_reason"] = self.instance.withdrawal_reason
            addresses = self.instance.recipients.order_by("email").values_list("email", flat=True)
            self.initial["recipient_addresses"] = "\n".join(addresses)
        else:
            for name in ("withdrawn", "withdrawal_reason", "marking_reason"):
                del self.fields[name]
            self._ask_for_the_folder()
        for name in ("publish_at", "expires_at"):
            if self.initial.get(name):  # the field shows minutes; seconds would make it look changed
                self.initial[name] = self.initial[name].replace(second=0, microsecond=0)
        if "collection" in self.fields:
            self._say_who_reads()
        if "file" in self.fields:
            self.fields["file"].help_text += " Files are judged by their content; they are not scanned for viruses."
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
        audiences, field = Audiences(), cast("Any", self.fields["collection"])
        named = field.label_from_instance

        def label(collection: Collection) -> str:
            name = "No folder, beside the folders" if collection.is_root() else named(collection)
            return format_html("{} — {}", name, audiences.of(collection))

        field.label_from_instance = label
        field.label = "Folder"
        field.error_messages["required"] = "Please choose the folder: it decides who may read the paper."
        field.help_text = (
            "The folder decides who may read the paper; behind each name stands its audience. From the publication "
            "on, and as soon as the file has been checked, all of them can open it; a TLP:RED paper, only those of "
            "them who are named recipients."
        )

    @property
    def incoming(self) -> File[bytes] | None:
        """The file that this form brings, if any."""
        if self.waiting_file is not None:
            return self.waiting_file
        return self.cleaned_data.get("file") if "file" in self.changed_data else None

    @property
    def incoming_name(self) -> str:
        file = self.incoming
        return self.cleaned_data.get("file_name") or (file.name if file is not None else None) or ""

    def clean_file(self) -> File[bytes]:
        file: File[bytes] = self.cleaned_data["file"]
        if "file" in self.changed_data:
            self._check_kind(file, file.name or "")
        return file

    @staticmethod
    def _check_kind(file: File[bytes], name: str) -> None:
        try:
            formats.recognise(file, name)  # type: ignore[arg-type]  # reads like any file
        except formats.Refused as refused:
            raise ValidationError(str(refused)) from refused

    def clean_original_date(self) -> datetime.date | None:
        printed: datetime.date | None = self.cleaned_data["original_date"]
        if printed is not None and not OLDEST_ORIGINAL <= printed.year <= timezone.localdate().year + 1:
            raise ValidationError(
                f"Please check the year: a paper's date lies between {OLDEST_ORIGINAL} and the end of next year."
            )
        return printed

    def clean_publish_at(self) -> datetime.datetime | None:
        return self._check_year("publish_at", "publication")

    def clean_expires_at(self) -> datetime.datetime | None:
        return self._check_year("expires_at", "expiry")

    def _check_year(self, name: str, called: str) -> datetime.datetime | None:
        moment: datetime.datetime | None = self.cleaned_data[name]
        latest = timezone.localdate().year + YEARS_AHEAD
        if moment is not None and not OLDEST_PUBLICATION <= moment.year <= latest:
            raise ValidationError(
                f"Please check the year: the {called} lies between {OLDEST_PUBLICATION} and {latest}."
            )
        return moment

    def clean_recipient_addresses(self) -> list[User]:
        addresses = {line.strip().lower() for line in self.cleaned_data["recipient_addresses"].splitlines()} - {""}
        people = list(User.objects.filter(email__in=addresses))
        unknown = sorted(addresses - {person.email for person in people})
        if unknown:
            raise ValidationError(f"Nobody here has this address: {', '.join(unknown)}.")
        return people

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        marking = data.get("marking", self.instance.marking)
        if self.marking_before and marking != self.marking_before and not data.get("marking_reason"):
            self.add_error("marking_reason", "Please say in a few words why the marking changes.")
        if data.get("withdrawn") and not data.get("withdrawal_reason"):
            self.add_error("withdrawal_reason", "Please say in a few words why the paper is withdrawn.")
        if marking == Marking.RED and not self.errors and not data.get("recipient_addresses"):
            self.add_error("recipient_addresses", "A TLP:RED paper needs at least one named recipient.")
        if self.waiting_file is not None:
            # An error of the whole form, since the field of its name is hidden.
            self._check_kind(self.waiting_file, self.incoming_name)
        if marking in MUST_BE_A_PLAIN_PDF and "file" not in self.errors:
            self._check_stampable()
        return data

    def _check_stampable(self) -> None:
        """POLICY: AMBER and above must be a PDF that can be stamped."""
        if (file := self.incoming) is not None:
            found = formats.recognise(file, self.incoming_name)  # type: ignore[arg-type]  # reads like any file
            problem = obstacle_to_stamping(file) if found.kind == "pdf" else inspect.ONLY_A_PDF
        else:
            problem = self._obstacle_in_store()
        if problem:
            self.add_error("file" if "file" in self.fields else "marking", problem)

    def _obstacle_in_store(self) -> str:
        """The same question for the file that the paper already has, asked when its marking changes."""
        newest = self.instance.newest_version
        if newest is None or "marking" not in self.changed_data:
            return ""
        if newest.kind != "pdf":
            return inspect.ONLY_A_PDF
        try:
            delivery.check_stored(newest)
        except delivery.FileMissing:
            return "The file of this paper cannot be reached just now. Please try again later."
        return inspect.facts(newest).obstacle

    @transaction.atomic
    def save(self, commit: bool = True) -> SharedDocument:
        """Through the services, in one transaction. Raises TypeError for `commit=False`: a paper without its version
        would be a file that nobody can account for."""
        if not commit:
            raise TypeError("A paper is saved whole or not at all.")
        file, name = self.incoming, self.incoming_name
        document: SharedDocument = self.instance
        if len(self.collections) == 1:
            document.collection = self.collections[0]
        note = self.cleaned_data.get("version_note", "")
        if document.pk is None:
            if file is None:
                raise TypeError("A new paper needs a file.")
            document.file = ""
            upload.create(document=document, file=file, name=name, by=self.user, note=note, complete=self._complete)
        else:
            self._save_existing(document, file, name, note)
        return document

    def _save_existing(self, document: SharedDocument, file: File[bytes] | None, name: str, note: str) -> None:
        if file is not None:
            document.file.name = SharedDocument.objects.values_list("file", flat=True).get(pk=document.pk)
        details = [field for field in self.changed_data if field not in NO_DETAILS]
        if details:
            # Only what changed: the worker may have published a new version since this form was opened.
            columns = {field.name for field in SharedDocument._meta.concrete_fields}
            document.save(update_fields=sorted(columns & set(details)))
            self._save_relations()
            publish.record_change(
                document=document,
                by=self.user,
                fields=details,
                marking_before=self.marking_before,
                reason=self.cleaned_data.get("marking_reason", ""),
            )
        if self.cleaned_data.get("withdrawn"):
            publish.withdraw(document=document, by=self.user, reason=self.cleaned_data["withdrawal_reason"])
        elif "withdrawn" in self.changed_data:
            publish.bring_back(document=document, by=self.user)
        search_index.insert_or_update_object(document)
        if file is not None:
            # Last, so that the new object is taken away again whatever fails.
            upload.replace(document=document, file=file, name=name, by=self.user, note=note)

    def _complete(self) -> None:
        """What else belongs to a new paper; where it fails, the object that was just stored is taken away again."""
        self._save_relations()
        search_index.insert_or_update_object(self.instance)

    def _save_relations(self) -> None:
        self._save_m2m()
        self.instance.recipients.set(self.cleaned_data["recipient_addresses"])
