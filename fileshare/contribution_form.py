"""What a member fills in to bring papers."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from fileshare.inspection import formats
from fileshare.services import upload
from members.form_fields import Words
from members.plain_text import harmless

MOST_FILES = 20
LARGEST = 250 * 1024**2  # bytes, of one file


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """The files, as many as were chosen; whether each may come in is asked of each (`why_not`)."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = [each for each in data or [] if each]
        if not files:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(files) > MOST_FILES:
            raise ValidationError(f"Please choose no more than {MOST_FILES} files at once.")
        return files


class ContributionForm(forms.Form):
    """Files, and what is said of them. With several files each is called by its name."""

    papers = SeveralFilesField(
        label="Files",
        help_text=f"You can choose several. Each up to {filesizeformat(LARGEST)}: PDF, Word, Excel, PowerPoint, "
        "OpenDocument, plain text, CSV, a picture or an MP4 film.",
        error_messages={"required": "Please choose a file."},
    )
    title = Words(longest=200, label="Title", required=False, help_text="For one file. Empty: the file’s name.")
    description = Words(
        longest=1_000,
        label="What is it about?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Members read this beside the paper, once an editor has taken it in.",
    )
    note = Words(
        longest=500,
        label="For the editors",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Where it comes from, whether it may be passed on, who should not see it.",
    )

    same_file_too = forms.BooleanField(label="Send what is here already all the same", required=False)

    def title_of(self, file: UploadedFile[Any]) -> str:
        own = self.cleaned_data["title"] if len(self.cleaned_data["papers"]) == 1 else ""
        stem = PurePosixPath(upload.clean_file_name(file.name or "")).stem
        return own or " ".join(harmless(stem.replace("_", " ")).split())[:200] or "Paper"


def why_not(file: UploadedFile[Any], folder_id: int) -> str:
    """Why this file cannot come into the folder, as a sentence that names it; else ""."""
    name = upload.clean_file_name(file.name or "")
    if not file.size:
        return f"“{name}” is empty."
    if file.size > LARGEST:
        return f"“{name}” is larger than {filesizeformat(LARGEST)}. Please ask an editor to bring it in."
    try:
        upload.recognise(file, file.name or "", folder_id)
    except formats.Refused as refused:
        return f"“{name}”: {refused}"
    return ""
