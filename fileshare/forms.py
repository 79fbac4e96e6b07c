"""The form behind every door of Wagtail's administration through which a paper comes in or changes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from wagtail.models import Collection
from wagtail.search import index as search_index

from fileshare import delivery
from fileshare.enums import Kind
from fileshare.form_fields import PaperFieldsForm, check_year
from fileshare.inspection import formats
from fileshare.markings import MUST_BE_A_PLAIN_PDF, Marking
from fileshare.models import SharedDocument
from fileshare.services import duplicates, first_look, inspect, publish, retention, upload
from fileshare.services.upload import StoredFile
from fileshare.storage import uploaded_on_disk
from fileshare.wagtail_policy import policy
from members.models import User

# Fields with a row of their own in the record.
NO_DETAILS = ("file", "version_note", "change", "withdrawn", "withdrawal_reason")

CALLED = {"owner_address": "owner"}  # what a field is called in the record, and in the table


def _in_years(today: datetime.date) -> datetime.date:
    """The last day by which a paper can ask to be confirmed; later is a slip."""
    return today + datetime.timedelta(days=2 * 366)


def obstacle_to_stamping(file: File[bytes]) -> str:
    """Why a PDF that is being uploaded cannot be marked above GREEN; empty when it can."""
    with uploaded_on_disk(file, ".pdf") as path:
        return inspect.facts_at(path, is_to_be_stamped=True).obstacle


def said_of_twins(twins: list[duplicates.Twin], paper: SharedDocument) -> SafeString:
    """That the file is here already, with links. `paper` is the one whose file it is to be."""
    said = format_html_join(
        ", ",
        '<a href="{}" target="_blank" rel="noreferrer">“{}”</a> ({}{})',
        (
            (
                twin.url,
                twin.paper.title,
                "this paper, "
                if twin.paper == paper
                else f"{twin.paper.folder_name}, "
                if twin.paper.folder_name
                else "",
                f"version {twin.number}",
            )
            for twin in twins
        ),
    )
    return format_html("This very file is here already: {}.", said)


class SharedDocumentForm(PaperFieldsForm):
    """Details and file of one paper. Saving goes through the services, which version, record and inspect."""

    stored: StoredFile | None = None

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

    def _folder(self) -> Collection | None:
        """Where the paper is to stand, as far as that is known."""
        chosen: Collection | None = self.cleaned_data.get("collection")
        return chosen or (self.collections[0] if len(self.collections) == 1 else None)

    def _check_kind(self) -> None:
        """Whether the file may come into the folder; else an error of the file's field, or of the whole form where that
        field is hidden, as for a file that waits."""
        file, folder, where = self.incoming, self._folder(), "file" if self.waiting_file is None else None
        if file is not None and (folder is not None or not self.incoming_name.lower().endswith(".zip")):
            try:
                upload.recognise(file, self.incoming_name, folder and folder.pk)
            except formats.Refused as refused:
                self.add_error(where, str(refused))
        elif self.instance.pk and folder is not None and "collection" in self.changed_data:
            newest = self.instance.newest_version
            if newest is not None and newest.kind == Kind.ZIP and not upload.takes_zips(folder.pk):
                self.add_error("collection", "This paper is a zip archive, which that folder does not take.")

    def clean_original_date(self) -> datetime.date | None:
        printed: datetime.date | None = self.cleaned_data["original_date"]
        oldest = first_look.OLDEST_ORIGINAL
        if printed is not None and not oldest <= printed.year <= timezone.localdate().year + 1:
            raise ValidationError(
                f"Please check the year: a paper's date lies between {oldest} and the end of next year."
            )
        return printed

    def clean_publish_at(self) -> datetime.datetime | None:
        return check_year(self.cleaned_data["publish_at"], "publication")

    def clean_expires_at(self) -> datetime.datetime | None:
        return check_year(self.cleaned_data["expires_at"], "expiry")

    def clean_acknowledge_by(self) -> datetime.date | None:
        day: datetime.date | None = self.cleaned_data["acknowledge_by"]
        today = timezone.localdate()
        if day is not None and "acknowledge_by" in self.changed_data and not today <= day <= _in_years(today):
            raise ValidationError("Please choose today or a later day, within the next two years.")
        return day

    def clean_review_on(self) -> datetime.date | None:
        return check_year(self.cleaned_data["review_on"], "review")

    def clean_owner_address(self) -> User | None:
        address = self.cleaned_data["owner_address"].lower()
        owner = User.objects.filter(email=address, is_active=True).first() if address else None
        if address and owner is None and "owner_address" in self.changed_data:
            raise ValidationError("Nobody here has this address.")
        return owner if "owner_address" in self.changed_data else self.instance.owner

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
        self._check_owner(data)
        self._check_kind()
        self._check_files_stay(data)
        if marking in MUST_BE_A_PLAIN_PDF and not {"file", "__all__"} & set(self.errors):
            self._check_stampable()
        if "same_file_too" in self.fields:
            self._ask_about_twins()
        return data

    def _check_owner(self, data: dict[str, Any]) -> None:
        owner, folder = data.get("owner_address"), self._folder()
        if owner is None or folder is None or not {"owner_address", "collection"} & set(self.changed_data):
            return
        if not policy().collections_to_change(owner).filter(pk=folder.pk).exists():
            self.add_error("owner_address", f"{owner} may not change papers in this folder, and so cannot review one.")

    def _check_files_stay(self, data: dict[str, Any]) -> None:
        """No slip in a date or a folder destroys files."""
        folder = self._folder()
        if self.instance.pk and folder is not None and {"expires_at", "collection"} & set(self.changed_data):
            stored = SharedDocument.objects.get(pk=self.instance.pk)
            lost = retention.destroyed_at_once(stored, folder_id=folder.pk, expires_at=data.get("expires_at"))
            if lost:
                self.add_error("expires_at", lost)

    def _ask_about_twins(self) -> None:
        """The same file a second time is mostly a slip: nothing is done before its editor says that it is none."""
        file = self.incoming
        twins = duplicates.known_to(self.user, upload.sums_of(file).sha256) if self.user and file else []
        if not twins:
            del self.fields["same_file_too"]
        elif not self.cleaned_data["same_file_too"]:
            self.add_error("file", said_of_twins(twins, self.instance))

    def _check_stampable(self) -> None:
        """POLICY: AMBER and above must be a PDF that can be stamped."""
        if (file := self.incoming) is not None:
            # What came so far is what its name says, or a zip archive whose folder is not chosen yet.
            is_pdf = self.incoming_name.lower().endswith(".pdf")
            problem = obstacle_to_stamping(file) if is_pdf else inspect.ONLY_A_PDF
        else:
            problem = self._obstacle_in_store()
        if problem:
            self.add_error("file" if "file" in self.fields else "marking", problem)

    def _obstacle_in_store(self) -> str:
        """The same question for the file that the paper already has, asked when its marking changes."""
        newest = self.instance.newest_version
        if newest is None or newest.destroyed_at is not None or "marking" not in self.changed_data:
            return ""
        try:
            return inspect.obstacle_in_store(newest)
        except delivery.FileMissing:
            return "The file of this paper cannot be reached just now. Please try again later."

    @contextmanager
    def file_in_store(self) -> Iterator[None]:
        """Belongs around whatever transaction the form is saved in: the bytes that the form brings are stored before it
        begins, and taken away again where it fails. Raises upload.NotStored."""
        file = self.incoming
        if file is None or self.stored is not None:
            yield
            return
        folder = self._folder() or self.instance.collection
        try:
            with upload.in_store(file, self.incoming_name, folder.pk) as self.stored:
                yield
        finally:
            self.stored = None

    def save(self, commit: bool = True) -> SharedDocument:
        """Through the services, in one transaction. Raises TypeError for `commit=False`: a paper without its version
        would be a file that nobody can account for."""
        if not commit:
            raise TypeError("A paper is saved whole or not at all.")
        with self.file_in_store(), transaction.atomic():
            return self._save(self.stored)

    def _save(self, stored: StoredFile | None) -> SharedDocument:
        document: SharedDocument = self.instance
        if len(self.collections) == 1:
            document.collection = self.collections[0]
        document.owner = self.cleaned_data["owner_address"]
        if document.pk is None:
            if stored is None:
                raise TypeError("A new paper needs a file.")
            document.file = ""
            note = self.cleaned_data["version_note"]
            upload.create_stored(document=document, stored=stored, by=self.user, note=note, complete=self._complete)
        else:
            self._save_existing(document, stored)
        return document

    def _save_existing(self, document: SharedDocument, stored: StoredFile | None) -> None:
        if stored is not None:
            document.file.name = SharedDocument.objects.values_list("file", flat=True).get(pk=document.pk)
        details = [CALLED.get(field, field) for field in self.changed_data if field not in NO_DETAILS]
        if details:
            # Only what changed: the worker may have published a new version since this form was opened.
            columns = {field.name for field in SharedDocument._meta.concrete_fields}
            document.save(update_fields=sorted(columns & set(details)))
            self._save_relations()
            if {"review_on", "owner"} & set(details):
                retention.begin_anew(document)
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
        if stored is not None:
            upload.replace_stored(document=document, stored=stored, by=self.user, **self.said_of_version)

    def _complete(self) -> None:
        """What else belongs to a new paper."""
        self._save_relations()
        search_index.insert_or_update_object(self.instance)

    def _save_relations(self) -> None:
        self._save_m2m()
        self.instance.recipients.set(self.cleaned_data["recipient_addresses"])
