"""The form behind every door of Wagtail's administration through which a paper comes in or changes."""

from __future__ import annotations

import datetime
import re
import tempfile
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction
from django.utils import timezone
from wagtail.search import index as search_index

from fileshare import delivery
from fileshare.form_fields import PaperFieldsForm
from fileshare.inspection import formats, pdf
from fileshare.markings import MUST_BE_A_PLAIN_PDF, Marking
from fileshare.models import SharedDocument
from fileshare.services import inspect, publish, upload
from members.models import User

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


class SharedDocumentForm(PaperFieldsForm):
    """Details and file of one paper. Saving goes through the services, which version, record and inspect."""

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
        # As people write lists of addresses: one on a line, or with commas, semicolons or blanks between them.
        addresses = set(re.split(r"[\s,;]+", self.cleaned_data["recipient_addresses"].lower())) - {""}
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
