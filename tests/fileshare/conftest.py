"""A folder and its editor; a member and the member's browser; a plain paper; a paper whose copies are stamped, and its
reader. Tests of other matters have their own by these names."""

from __future__ import annotations

import pytest

from fileshare.derivatives import stamp
from tests.factories import make_editor_of, make_folder, make_member, make_paper, minimal_pdf
from tests.fileshare.answers import CONTENT
from tests.fileshare.stamped import ready, within


@pytest.fixture
def folder():
    return make_folder("Guidance")


@pytest.fixture
def editor(folder):
    return make_editor_of(folder)


@pytest.fixture
def member():
    return make_member()


@pytest.fixture
def member_client(member, signed_in):
    return signed_in(member)


@pytest.fixture
def tens(db):
    return make_paper("Ten times ten", content=CONTENT, file_name="tens.txt")


@pytest.fixture
def _without_a_child(monkeypatch):
    monkeypatch.setattr(stamp, "make", within)


@pytest.fixture
def reader():
    return make_member("zaneta@example.org", first_name="Żaneta", last_name="Müller")


@pytest.fixture
def amber_paper():
    return make_paper("Ten times ten", content=minimal_pdf("Ten times ten", 2), marking="TLP:AMBER", caveat="OFFICIAL")


@pytest.fixture
def reader_client(reader, amber_paper):
    """Of somebody who has done all that the marking asks."""
    return ready(reader, amber_paper)
