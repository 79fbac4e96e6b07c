"""The site of the kill drill: its people, its folder, and what holds of it whatever has happened."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.test import Client
from wagtail.models import Collection

from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import orphans
from members.models import AccessRecord, User
from portal.ops import due
from tests.factories import make_editor_of, make_folder, make_member
from tests.fileshare.admin import objects
from tests.marked import note_signing_in


@dataclass
class Site:
    """An editor of a folder for one group, a reader of that group, and a member outside it."""

    folder: Collection
    editor: User
    reader: User
    stranger: User
    scratch: Path
    mails: Path
    _clients: dict[int | None, Client] = field(default_factory=dict)

    @classmethod
    def made(cls, scratch: Path, mails: Path) -> Site:
        folder = make_folder("Guidance", groups=("Readers",))
        editor = make_editor_of(folder, "editor@example.org", actions=("add", "change", "choose", "delete"))
        reader, stranger = make_member("reader@example.org"), make_member("stranger@example.org")
        for person in (editor, reader):
            person.groups.add(Group.objects.get(name="Readers"))
        return cls(folder, editor, reader, stranger, scratch, mails)

    def client(self, person: User | None) -> Client:
        """Of a person who has signed in with a second factor, or of a visitor."""
        key = person and person.pk
        if key not in self._clients:
            self._clients[key] = Client()
            if person is not None:
                self._clients[key].force_login(person)
                note_signing_in(self._clients[key], "mfa")
        return self._clients[key]

    def opens_to_nobody(self, paper: SharedDocument) -> None:
        """Neither the paper's page nor its file, for a member outside the group and for a visitor."""
        assert not SharedDocument.objects.visible_to(self.stranger).filter(collection=self.folder).exists()
        for address in (paper.get_absolute_url(), paper.download_url):
            assert self.client(self.stranger).get(address).status_code == 404
            assert self.client(None).get(address).status_code == 302

    def read(self, paper: SharedDocument) -> bytes | None:
        """What a reader gets of the paper, None where there is nothing to be had."""
        answer: Any = self.client(self.reader).get(paper.download_url)
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.status_code
        return b"".join(answer.streaming_content)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def bytes_of(version: DocumentVersion) -> bytes:
    return Path(default_storage.path(version.file.name)).read_bytes()


def is_whole(version: DocumentVersion, content: bytes, action: str) -> None:
    """Its bytes are those that came, and the record has it once."""
    assert bytes_of(version) == content
    assert (version.sha256, version.size) == (sha256(content), len(content))
    rows = AccessRecord.objects.filter(action=action, object_id=str(version.document.uuid))
    assert [row.details["version"] for row in rows] == [version.number]


def sweep(before: set[Path], monkeypatch: pytest.MonkeyPatch) -> int:
    """The command for orphans finds all that lies in the store since then and belongs to nothing, and removes it.
    Returns how many that were."""
    named = {Path(default_storage.path(key)) for key in _named()}
    assert list(orphans.missing()) == []
    left = objects() - before - named
    with monkeypatch.context() as patch:
        patch.setattr(orphans, "MIN_AGE", datetime.timedelta(days=-9999))
        found = {Path(default_storage.path(orphan.key)) for orphan in orphans.remove(orphans.find())}
        patch.setattr(due, "KEEP_UPLOADS", datetime.timedelta(days=-9999))
        due.forget_broken_off_uploads()
    assert found == left
    assert objects() - before <= named
    assert list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []
    return len(left)


def _named() -> set[str]:
    return {
        key
        for field in orphans._fields()
        for key in field.model._default_manager.values_list(field.name, flat=True)
        if key
    }
