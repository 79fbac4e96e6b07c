"""Papers and their folders: pages, bytes, versions, zips, pictures and lists."""

from __future__ import annotations

import datetime
import io
import itertools
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from fileshare.models import Derivation
from fileshare.storage import new_preview_key
from members.models import Membership
from tests.access_table.asking import asked_once, body_of, read, titles_in, word_for, wrong_cells
from tests.access_table.conftest import World
from tests.access_table.tables import (
    DOWNLOAD,
    FIRST_VERSION,
    FOLDERS,
    PAGE,
    PICTURES,
    SECOND_VERSION,
    WITHOUT_DESTROYED,
    ZIPPED_FOLDERS,
)  # fmt: skip

pytestmark = pytest.mark.xdist_group("access table")


@asked_once
def test_paper_pages_are_for_those_in_the_table(world):
    def ask(person, state):
        response = world.clients[person].get(f"/files/document/{world.uuid(state)}/")
        word = word_for(response)
        assert (f"Paper ({state})" in response.content.decode()) == (word == "ok"), (person, state)
        return word

    assert wrong_cells(PAGE, ask) == []


# Which version's bytes the download gives.
CURRENT = {"replaced": 2, "replaced, former ones closed": 2}


def test_downloads_are_for_those_in_the_table(world):
    def ask(person, state):
        response = world.clients[person].get(f"/files/document/{world.uuid(state)}/download/")
        word, body = word_for(response), body_of(response)
        expected = f"Paper ({state}), version {CURRENT.get(state, 1)}".encode()
        assert (body == expected) == (word == "ok"), (person, state)
        assert word == "ok" or expected not in body
        return word

    assert wrong_cells(DOWNLOAD, ask) == []


@asked_once
def test_heads_of_downloads_are_for_those_in_the_table(world, plain_404):
    states = ("green", "red, not named", "committee", "below the committee", "embargoed", "waiting", "unknown")

    def ask(person, state):
        response = world.clients[person].head(f"/files/document/{world.uuid(state)}/download/")
        word = word_for(response)
        assert body_of(response) == b""
        assert ("ETag" in response) == (word == "ok"), (person, state)
        return word

    assert wrong_cells(DOWNLOAD, ask, states) == []


def first_bytes(world: World, way: str) -> Callable[[str, str], str]:
    """Asks for a piece of the first version."""

    def ask(person: str, state: str) -> str:
        address = f"/files/document/{world.uuid(state)}/versions/1/{way}/"
        response = world.clients[person].get(address, headers={"range": "bytes=0-4"})
        word, body = word_for(response), body_of(response)
        assert (body == b"Paper") == (response.status_code == 206) == (word == "ok"), (person, state)
        return word

    return ask


@asked_once
def test_versions_are_for_those_in_the_table(world, plain_404):
    """The first one by a range of it, the second one whole."""

    def second(person, state):
        response = world.clients[person].get(f"/files/document/{world.uuid(state)}/versions/2/download/")
        word, body = word_for(response), body_of(response)
        assert (body == f"Paper ({state}), version 2".encode()) == (word == "ok"), (person, state)
        return word

    assert wrong_cells(FIRST_VERSION, first_bytes(world, "download")) == []
    assert wrong_cells(SECOND_VERSION, second) == []


@asked_once
def test_readings_are_for_those_in_the_table(world, plain_404):
    """The reader page shows the text itself; and the address from which a page fetches its bytes, by its number."""

    def page(person, state):
        response = world.clients[person].get(f"/files/document/{world.uuid(state)}/read/")
        word = word_for(response)
        expected = f"Paper ({state}), version {CURRENT.get(state, 1)}"
        assert (expected in body_of(response).decode()) == (word == "ok"), (person, state)
        return word

    assert wrong_cells(DOWNLOAD, page) == []
    assert wrong_cells(FIRST_VERSION, first_bytes(world, "content")) == []


@asked_once
def test_readings_of_former_versions_are_for_those_in_the_table(world, plain_404):
    def first(person, state):
        response = world.clients[person].get(f"/files/document/{world.uuid(state)}/versions/1/read/")
        word = word_for(response)
        assert (f"Paper ({state}), version 1" in body_of(response).decode()) == (word == "ok"), (person, state)
        return word

    assert wrong_cells(FIRST_VERSION, first) == []


@pytest.mark.parametrize("way", ["by an address", "chosen in a list", "chosen, too many for an address"])
def test_zips_hold_the_papers_of_the_table_and_no_others(world, plain_404, way, monkeypatch):
    """All papers asked for at once, and one at a time."""
    if way == "chosen, too many for an address":
        monkeypatch.setattr("fileshare.views.archive.MAX_NAMED", 0)
    states = {
        f"Paper ({state}), version {CURRENT.get(state, 1)}".encode(): state for state in [*world.papers, "unknown"]
    }

    def zipped(client, *wanted):
        papers = {"document": [world.uuid(state) for state in wanted]}
        if way == "by an address":
            return client.get("/files/archive/", papers)
        answer = client.post("/files/archive/", papers)
        if answer.status_code == 302 and answer["Location"].startswith("/files/archive/"):
            assert ("?chosen=" in answer["Location"]) == (way != "chosen in a list")
            return client.get(answer["Location"])
        return answer

    given = {}
    for person, client in world.clients.items():
        answer = zipped(client, *states.values())
        given[person] = word_for(answer)
        if given[person] == "ok":
            with zipfile.ZipFile(io.BytesIO(body_of(answer))) as archive:
                given[person] = {states[archive.read(each)] for each in archive.infolist()}

    def ask(person, state):
        if isinstance(given[person], str):
            return given[person]
        return "ok" if state in given[person] else "-"

    def alone(person, state):
        answer = zipped(world.clients[person], state)
        body_of(answer)
        return word_for(answer)

    assert wrong_cells(WITHOUT_DESTROYED, ask) == []
    assert wrong_cells(WITHOUT_DESTROYED, alone, ("green", "committee", "destroyed", "waiting")) == []


@asked_once
def test_zips_of_folders_are_for_those_in_the_table(world, plain_404):
    def ask(person, path):
        response = world.clients[person].get(f"/files/archive/?folder={path}")
        word = word_for(response)
        if word == "ok":
            with zipfile.ZipFile(io.BytesIO(body_of(response))) as archive:
                there = titles_in(" ".join(archive.read(each).decode() for each in archive.infolist()))
            listed = {state for who, state, listed in read(DOWNLOAD) if who == person and listed == "ok"}
            below = {state for state in listed if "committee" in state or "below" in state}
            assert there == (below if path == "ours/committee" else listed), (person, path)
        return word

    assert wrong_cells(ZIPPED_FOLDERS, ask) == []


SIZES = ("small", "large")


def give_previews(world: World) -> None:
    """Each version gets pictures that name its paper, those too that nobody may read yet."""
    for state, paper in world.papers.items():
        for version in paper.versions.all():
            keys = [default_storage.save(new_preview_key(), ContentFile(f"{size} {state}")) for size in SIZES]
            Derivation.objects.create(version=version, state="made", small=keys[0], large=keys[1], width=8, height=9)


@asked_once
def test_previews_are_for_those_in_the_table(world, plain_404):
    """As the bytes that they are made of."""
    give_previews(world)

    def ask(person, state, size="small"):
        address = f"/files/document/{world.uuid(state)}/preview/{CURRENT.get(state, 1)}/{size}/"
        response = world.clients[person].get(address)
        word = word_for(response)
        assert (body_of(response) == f"{size} {state}".encode()) == (word == "ok"), (person, state)
        if word != "in":
            assert response["Cache-Control"] == "private, no-store"
        return word

    assert wrong_cells(PICTURES, ask) == []
    # A legible picture is a copy, and copies of these are stamped: nobody gets one.
    for state, word in (("green", "ok"), ("amber", "-"), ("amber strict", "-"), ("red, named", "-")):
        assert {ask(person, state, "large") for person in ("com", "edc", "adm")} == {word}, state
    assert {ask(person, "replaced, former ones closed", "large") for person in ("mem", "adm")} == {"ok"}
    former = f"/files/document/{world.uuid('replaced, former ones closed')}/preview/1/small/"
    assert word_for(world.clients["adm"].get(former)) == "-"


@asked_once
def test_saving_is_for_those_in_the_table(world, plain_404):
    states = ("green", "red, not named", "red, named", "committee", "embargoed", "withdrawn", "quarantined", "unknown")

    def ask(person, state):
        response = world.clients[person].post(f"/files/document/{world.uuid(state)}/save/")
        is_saved = response.status_code == 302 and response["Location"] == f"/files/document/{world.uuid(state)}/"
        return "ok" if is_saved else word_for(response)

    assert wrong_cells(PAGE, ask, states) == []
    # What was saved is listed only as long as it may be read.
    Membership.objects.filter(user=world.people["com"]).update(
        expires_on=timezone.localdate() - datetime.timedelta(days=1)
    )
    assert titles_in(world.clients["mem"].get("/files/saved/").content.decode()) == {"green", "red, named"}
    assert titles_in(world.clients["com"].get("/files/saved/").content.decode()) == set()


@asked_once
def test_stock_addresses_lead_those_in_the_table_to_the_page(world, plain_404):
    """With the right name and with a wrong one in turn."""
    names = itertools.cycle(["paper.txt", "some-other-name.pdf", "a/b"])

    def stock(person, state):
        response = world.clients[person].get(f"/documents/{world.number(state)}/{next(names)}")
        if response.status_code == 302 and response["Location"] == f"/files/document/{world.uuid(state)}/":
            return "ok"
        return word_for(response)

    assert wrong_cells(PAGE, stock) == []


def test_lists_name_the_papers_of_the_table_and_no_others(world):
    shown = {}
    for person, client in world.clients.items():
        answer = client.get("/files/?sort=title")
        shown[person] = titles_in(answer.content.decode()) if answer.status_code == 200 else answer["Location"]
    assert shown.pop("vis") == shown.pop("ina") == "/account/login/?next=/files/%3Fsort%3Dtitle"

    def ask(person, state):
        if person not in shown:
            return "in"
        return "ok" if state in shown[person] else "-"

    assert wrong_cells(PAGE, ask) == []


@asked_once
def test_folders_are_for_those_in_the_table(world):
    def ask(person, path):
        response = world.clients[person].get(f"/files/{path}/")
        if response.status_code == 404:
            assert "Committee" not in response.content.decode().replace(f"/files/{path}/", "")
        return word_for(response)

    assert wrong_cells(FOLDERS, ask) == []
