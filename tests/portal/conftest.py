"""A site that is backed up, and the place to which it goes."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from fileshare.services import derive
from portal.models import Picture
from portal.ops import tables
from tests.factories import add_version, make_folder, make_member, make_paper, make_post, minimal_pdf
from tests.fileshare.files import picture


@pytest.fixture
def place(tmp_path, settings, monkeypatch, db):
    """Stores and a DATA_DIR of the test's own, and one transaction around everything, which its end takes back."""
    monkeypatch.setattr(tables, "one_moment", nullcontext)

    def move(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        settings.DATA_DIR = folder
        settings.STORAGES = {
            **settings.STORAGES,
            "default": {**settings.STORAGES["default"], "OPTIONS": {"location": str(folder / "private")}},
            "public": {**settings.STORAGES["public"], "OPTIONS": {"location": str(folder / "public")}},
        }
        monkeypatch.setattr(Picture._meta.get_field("file"), "storage", storages["public"])
        return folder

    move("here")
    yield move
    ContentType.objects.clear_cache()


@pytest.fixture
def things(place):
    """Some of everything: papers with former versions and a preview, a post, a picture, people, rows of the record."""
    folder = make_folder("Kept")
    paper = make_paper("Two versions", content=minimal_pdf("First"), collection=folder)
    add_version(paper, minimal_pdf("Second"))
    drawn = make_paper("Drawn", content=picture("PNG"), file_name="a.png", collection=folder)
    derive.derive(version_id=drawn.current_version.pk)
    make_post("Zephyr blows", slug="zephyr-blows", tags=["wind"])
    Picture.objects.create(title="Public", file=ContentFile(picture("PNG"), name="public.png"))
    member = make_member("pat@example.org")
    make_paper("Gone again", collection=folder).delete()
    return SimpleNamespace(paper=paper, drawn=drawn, member=member)
