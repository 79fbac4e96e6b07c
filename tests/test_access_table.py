"""The access table over HTTP: who gets which paper, by which route. Judged by eye from POLICY.md, not by the code.

Every route shows one of these words for each person and each state of a paper:

    ok   gets it: the page, the bytes, the row of the list
    -    it does not exist for this person: 404, or absent from the list
    in   is sent to sign in
    no   is told that the administration is not theirs: 403
    gone is told that the file has been destroyed for good: 410
"""

from __future__ import annotations

import datetime
import io
import itertools
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from django.contrib.admindocs.views import simplify_regex
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, URLPattern, get_resolver, resolve
from django.utils import timezone
from wagtail.models import Collection

from fileshare.enums import Inspection, Review
from fileshare.models import Derivation, DocumentVersion, Folder, SharedDocument
from fileshare.services import retention
from fileshare.storage import new_preview_key
from members.models import AccessRecord, Membership, User
from portal.services import roles
from tests.factories import (
    add_version,
    make_administrator,
    make_editor_of,
    make_folder,
    make_member,
    make_paper,
    make_user,
)
from tests.marked import accept_terms, note_signing_in, stamp_as_it_is

# --- The table --------------------------------------------------------------------------------------------------
#
# vis  a visitor                                   app  applied, not yet approved
# mem  a current member                            com  a current member in the Committee group
# lap  a member whose membership ended yesterday   sus  a suspended member
# sec  a membership secretary                      aud  an auditor (both are current members besides)
# edi  an editor of these folders, who is in no group
# edc  an editor of these folders, in the Committee group
# edl  an editor of these folders, in the Committee group, whose own membership has lapsed
# eds  as edl, but suspended                       stf  an editor of these folders who never was a member
# oth  an editor of another folder                 adm  an administrator whose own membership is suspended
# ina  a member whose account was switched off, with a session from before
#
# `red, named` names every one of them as a recipient; `red, not named` names somebody else.

PAGE = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
clear                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
green                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
amber                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
amber strict                  in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
red, not named                in   -    -    -    -    -    -    -    -    -    -    -    -    -    ok   in
red, named                    in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
committee                     in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
below the committee           in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
below, red, named             in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
embargoed                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
embargoed in the committee    in   -    -    -    -    -    -    -    -    ok   -    -    -    -    ok   in
expired                       in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
destroyed                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
withdrawn                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
brought by a member           in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
brought, not taken in         in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
waiting                       in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
quarantined                   in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
replaced                      in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one waits       in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one is held     in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, former ones closed  in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
unknown                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
"""

# The bytes, whole or in part: as the page, but for papers that have no checked file, which nobody gets.
DOWNLOAD = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
clear                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
green                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
amber                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
amber strict                  in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
red, not named                in   -    -    -    -    -    -    -    -    -    -    -    -    -    ok   in
red, named                    in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
committee                     in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
below the committee           in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
below, red, named             in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
embargoed                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
embargoed in the committee    in   -    -    -    -    -    -    -    -    ok   -    -    -    -    ok   in
expired                       in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
destroyed                     in   -    -    -    -    -    -    -    gone gone -    -    gone -    gone in
withdrawn                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
brought by a member           in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
brought, not taken in         in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
waiting                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
quarantined                   in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
replaced                      in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one waits       in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one is held     in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, former ones closed  in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
unknown                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
"""

# What is made of several files, or beside a file, leaves a destroyed one out as any other that is not there.
WITHOUT_DESTROYED = DOWNLOAD.replace("gone", "-   ")
# Of a TLP:RED paper there is no picture, since its owner hears of whatever leaves.
PICTURES = "\n".join(
    re.sub(r"\bok\b", "- ", line) if re.match(r"red|below, red", line) else line
    for line in WITHOUT_DESTROYED.splitlines()
)

# Versions by number, for the papers that have two.
FIRST_VERSION = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
green                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
committee                     in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
embargoed                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
destroyed                     in   -    -    -    -    -    -    -    gone gone -    -    gone -    gone in
withdrawn                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
brought by a member           in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
brought, not taken in         in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
waiting                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
replaced                      in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one waits       in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one is held     in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, former ones closed  in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
unknown                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
"""
SECOND_VERSION = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
green                         in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
replaced                      in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one waits       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
replaced, new one is held     in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
replaced, former ones closed  in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
unknown                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
"""

# Changing in the administration follows Wagtail's permissions for the folder, and not for a closed membership.
ADMIN = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
green                         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
amber                         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
red, not named                in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
red, named                    in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
committee                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
below the committee           in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
embargoed                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
expired                       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
destroyed                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
withdrawn                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
brought by a member           in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
brought, not taken in         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
waiting                       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
quarantined                   in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
replaced, new one waits       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
unknown                       in   no   no   no   no   no   -    -    -    -    -    -    -    -    -    in
"""

# The administration's API besides asks, as Wagtail has it, for the audience of the folder.
API = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
green                         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
amber                         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
red, not named                in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
red, named                    in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
committee                     in   no   no   no   no   no   -    -    -    ok   -    -    -    -    ok   in
below the committee           in   no   no   no   no   no   -    -    -    ok   -    -    -    -    ok   in
embargoed                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
expired                       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
destroyed                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
withdrawn                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
brought by a member           in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
brought, not taken in         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
waiting                       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
quarantined                   in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
replaced, new one waits       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
unknown                       in   no   no   no   no   no   -    -    -    -    -    -    -    -    -    in
"""

# Choosing a paper for a post shows it, so that it wants the permission to choose in the folder *and* to read the paper.
CHOOSER = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
green                         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
amber                         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
red, not named                in   no   no   no   no   no   -    -    -    -    -    -    -    -    ok   in
red, named                    in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
committee                     in   no   no   no   no   no   -    -    -    ok   -    -    -    -    ok   in
below the committee           in   no   no   no   no   no   -    -    -    ok   -    -    -    -    ok   in
embargoed                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
expired                       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
destroyed                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
withdrawn                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
brought by a member           in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
brought, not taken in         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
waiting                       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
quarantined                   in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
replaced, new one waits       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
unknown                       in   no   no   no   no   no   -    -    -    -    -    -    -    -    -    in
"""

# These ask the policy in the same words as the routes that are asked on each database.
asked_once = pytest.mark.skipif(
    connection.vendor == "postgresql", reason="takes long, and asks the policy as other routes do: run on SQLite"
)

# --- The site that the table is about ---------------------------------------------------------------------------


def read(table: str) -> list[tuple[str, str, str]]:
    """(person, state, word) for each cell."""
    head, *rows = table.strip("\n").splitlines()
    people = head.split()
    cells = []
    for row in rows:
        state, words = row[:30].strip(), row[30:].split()
        assert len(words) == len(people), row
        cells += [(person, state, word) for person, word in zip(people, words, strict=True)]
    return cells


def text_paper(title: str, marking: str = "TLP:GREEN", **fields: Any) -> SharedDocument:
    """A paper whose only file is a line of text, so that no child process looks at it; the line names the version.

    It is marked afterwards, since only a PDF can come in above GREEN.
    """
    paper = make_paper(title, content=f"{title}, version 1".encode(), file_name="paper.txt", **fields)
    SharedDocument.objects.filter(pk=paper.pk).update(marking=marking)
    return paper


def text_version(paper: SharedDocument, *, inspected: bool = True) -> DocumentVersion:
    add_version(paper, f"{paper.title}, version 2".encode(), file_name="paper.txt", inspected=inspected)
    return paper.versions.get(number=2)


@dataclass
class World:
    clients: dict[str, Client] = field(default_factory=dict)
    papers: dict[str, SharedDocument] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    unknown: UUID = field(default_factory=uuid4)

    def uuid(self, state: str) -> UUID:
        return self.papers[state].uuid if state in self.papers else self.unknown

    def number(self, state: str) -> int:
        return self.papers[state].pk if state in self.papers else 999_999


def _people(world: World) -> None:
    ours = make_folder("Ours")
    elsewhere = make_folder("Elsewhere")
    editor = make_editor_of(ours)
    group = editor.groups.get()
    world.people = {
        "app": make_member(standing="applicant"),
        "mem": make_member(),
        "com": make_member(groups=("Committee",)),
        "lap": make_member(standing="lapsed", groups=("Committee",)),
        "sus": make_member(standing="suspended", groups=("Committee",)),
        "sec": make_member(groups=(roles.SECRETARIES,)),
        "aud": make_member(groups=(roles.AUDITORS,)),
        "edi": editor,
        "edc": make_member(groups=(group.name, "Committee")),
        "edl": make_member(standing="lapsed", groups=(group.name, "Committee")),
        "eds": make_member(standing="suspended", groups=(group.name, "Committee")),
        "stf": make_user(groups=(group.name,)),
        "oth": make_editor_of(elsewhere),
        "adm": make_administrator(standing="suspended"),
        "ina": make_member(groups=("Committee",)),
    }
    world.clients = {"vis": Client()}
    for person, user in world.people.items():
        world.clients[person] = Client()
        world.clients[person].force_login(user)
    User.objects.filter(pk=world.people["ina"].pk).update(is_active=False)


def _papers(world: World) -> None:
    ours = Collection.objects.get(name="Ours")
    guidance = make_folder("Guidance", parent=ours)
    committee = make_folder("Committee", parent=ours, groups=("Committee",))
    below = make_folder("Minutes", parent=committee)
    closed = make_folder("Only the newest", parent=ours)
    briefly = make_folder("Kept for a day", parent=ours)
    Folder.objects.filter(collection=closed).update(former_versions_readable=False)
    Folder.objects.filter(collection=briefly).update(destroy_after_days=1)
    hour, now = datetime.timedelta(hours=1), timezone.now()
    everybody, somebody = tuple(world.people.values()), (make_user(),)
    wanted: dict[str, dict[str, Any]] = {
        "clear": {"marking": "TLP:CLEAR"},
        "green": {},
        "amber": {"marking": "TLP:AMBER"},
        "amber strict": {"marking": "TLP:AMBER+STRICT"},
        "red, not named": {"marking": "TLP:RED", "recipients": somebody},
        "red, named": {"marking": "TLP:RED", "recipients": everybody},
        "committee": {"collection": committee},
        "below the committee": {"collection": below},
        "below, red, named": {"collection": below, "marking": "TLP:RED", "recipients": everybody},
        "embargoed": {"publish_at": now + hour},
        "embargoed in the committee": {"publish_at": now + hour, "collection": committee},
        "expired": {"publish_at": now - 2 * hour, "expires_at": now - hour},
        "destroyed": {"publish_at": now - 50 * hour, "expires_at": now - 40 * hour, "collection": briefly},
        "withdrawn": {"withdrawn_at": now - hour},
        "brought by a member": {"review": Review.WAITING, "contributed_by": world.people["mem"]},
        "brought, not taken in": {"review": Review.DECLINED, "contributed_by": world.people["mem"]},
        "waiting": {"inspected": False},
        "quarantined": {"inspected": False},
        "replaced": {},
        "replaced, new one waits": {},
        "replaced, new one is held": {},
        "replaced, former ones closed": {"collection": closed},
    }
    for state, fields in wanted.items():
        world.papers[state] = text_paper(f"Paper ({state})", **{"collection": guidance, **fields})
    world.papers["destroyed"].versions.update(created_at=now - 50 * hour)
    retention.destroy_expired()  # and the store has not let go of the bytes yet
    world.papers["quarantined"].versions.update(inspection=Inspection.QUARANTINED)
    text_version(world.papers["replaced"])
    text_version(world.papers["replaced, former ones closed"])
    text_version(world.papers["replaced, new one waits"], inspected=False)
    held = text_version(world.papers["replaced, new one is held"], inspected=False)
    DocumentVersion.objects.filter(pk=held.pk).update(inspection=Inspection.QUARANTINED)


def _requirements(world: World) -> None:
    """Everybody has done what markings ask (tests/fileshare/test_requirements.py), so that the policy alone decides."""
    accept_terms(world.papers.values(), *world.people.values())
    for person in world.people.keys() - {"ina"}:
        note_signing_in(world.clients[person], "mfa")


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    stamp_as_it_is(monkeypatch)
    world = World()
    _people(world)
    _papers(world)
    _requirements(world)
    return world


@pytest.fixture
def plain_404(monkeypatch: pytest.MonkeyPatch) -> None:
    """For routes whose 404 has the same page as the papers' own: without writing the page each time."""
    monkeypatch.setattr("portal.urls.handler404", lambda request, exception: HttpResponse(status=404), raising=False)


def word_for(response: Any) -> str:
    """The table's word for an answer; anything unexpected is shown as it is."""
    if response.status_code == 302 and response["Location"].startswith("/account/login/?next=/"):
        return "in"
    return {200: "ok", 206: "ok", 404: "-", 403: "no", 410: "gone"}.get(response.status_code) or (
        f"{response.status_code} {response.get('Location', '')}"
    )


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def wrong_cells(table: str, ask: Any, states: tuple[str, ...] = ()) -> list[str]:
    """The cells (of some states) where the site says something else."""
    cells = [cell for cell in read(table) if not states or cell[1] in states]
    said = [(person, state, word, ask(person, state)) for person, state, word in cells]
    return [f"{person} × {state}: {word} wanted, {got} got" for person, state, word, got in said if word != got]


# --- The routes -------------------------------------------------------------------------------------------------


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


@asked_once
def test_versions_are_for_those_in_the_table(world, plain_404):
    """The first one by a range of it, the second one whole."""

    def first(person, state):
        address = f"/files/document/{world.uuid(state)}/versions/1/download/"
        response = world.clients[person].get(address, headers={"range": "bytes=0-4"})
        word, body = word_for(response), body_of(response)
        assert (body == b"Paper") == (response.status_code == 206) == (word == "ok"), (person, state)
        return word

    def second(person, state):
        response = world.clients[person].get(f"/files/document/{world.uuid(state)}/versions/2/download/")
        word, body = word_for(response), body_of(response)
        assert (body == f"Paper ({state}), version 2".encode()) == (word == "ok"), (person, state)
        return word

    assert wrong_cells(FIRST_VERSION, first) == []
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

    def first(person, state):
        address = f"/files/document/{world.uuid(state)}/versions/1/content/"
        response = world.clients[person].get(address, headers={"range": "bytes=0-4"})
        word, body = word_for(response), body_of(response)
        assert (body == b"Paper") == (response.status_code == 206) == (word == "ok"), (person, state)
        return word

    assert wrong_cells(DOWNLOAD, page) == []
    assert wrong_cells(FIRST_VERSION, first) == []


@asked_once
def test_readings_of_former_versions_are_for_those_in_the_table(world, plain_404):
    def first(person, state):
        response = world.clients[person].get(f"/files/document/{world.uuid(state)}/versions/1/read/")
        word = word_for(response)
        assert (f"Paper ({state}), version 1" in body_of(response).decode()) == (word == "ok"), (person, state)
        return word

    assert wrong_cells(FIRST_VERSION, first) == []


def test_zips_hold_the_papers_of_the_table_and_no_others(world, plain_404):
    """All papers asked for at once, and one at a time."""
    states = {
        f"Paper ({state}), version {CURRENT.get(state, 1)}".encode(): state for state in [*world.papers, "unknown"]
    }
    query = "&".join(f"document={world.uuid(state)}" for state in states.values())
    given = {}
    for person, client in world.clients.items():
        answer = client.get(f"/files/archive/?{query}")
        given[person] = word_for(answer)
        if given[person] == "ok":
            with zipfile.ZipFile(io.BytesIO(body_of(answer))) as archive:
                given[person] = {states[archive.read(each)] for each in archive.infolist()}

    def ask(person, state):
        if isinstance(given[person], str):
            return given[person]
        return "ok" if state in given[person] else "-"

    def alone(person, state):
        return word_for(world.clients[person].head(f"/files/archive/?document={world.uuid(state)}"))

    assert wrong_cells(WITHOUT_DESTROYED, ask) == []
    assert wrong_cells(WITHOUT_DESTROYED, alone, ("green", "committee", "destroyed", "waiting")) == []


ZIPPED_FOLDERS = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
ours                          in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
ours/committee                in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
ours/no-such-folder           in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
"""


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


def titles_in(text: str) -> set[str]:
    return set(re.findall(r"Paper \(([^)]*)\)", text))


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


FOLDERS = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
ours                          in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
ours/guidance                 in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
ours/committee                in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
ours/committee/minutes        in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
ours/minutes                  in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
minutes                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
elsewhere                     in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
"""


@asked_once
def test_folders_are_for_those_in_the_table(world):
    def ask(person, path):
        response = world.clients[person].get(f"/files/{path}/")
        if response.status_code == 404:
            assert "Committee" not in response.content.decode().replace(f"/files/{path}/", "")
        return word_for(response)

    assert wrong_cells(FOLDERS, ask) == []


@asked_once
@pytest.mark.parametrize("action", ["edit", "delete"])
def test_administration_of_a_paper_is_for_those_in_the_table(world, action):
    def ask(person, state):
        response = world.clients[person].get(f"/admin/documents/{action}/{world.number(state)}/")
        word = word_for(response)
        assert word == "ok" or f"Paper ({state})" not in response.content.decode()
        return word

    assert wrong_cells(ADMIN, ask) == []


@asked_once
def test_chosen_papers_are_for_those_in_the_table(world):
    def ask(person, state):
        response = world.clients[person].get(f"/admin/documents/chooser/chosen/{world.number(state)}/")
        word = word_for(response)
        assert (f"Paper ({state})" in response.content.decode()) == (word == "ok"), (person, state)
        return word

    assert wrong_cells(CHOOSER, ask) == []


def test_api_of_the_administration_is_for_those_in_the_table(world):
    """What can be changed is what the administration's own lists show."""
    listed = {}
    for person, client in world.clients.items():
        answer = client.get("/admin/api/main/documents/?limit=20")
        listed[person] = answer if answer.status_code != 200 else titles_in(answer.content.decode())

    def in_list(person, state):
        answer = listed[person]
        if not isinstance(answer, set):
            return word_for(answer)
        return "ok" if state in answer else "-"

    assert wrong_cells(API, in_list) == []


def test_table_has_at_least_two_thousand_cells():
    asked = [PAGE] * 3 + [DOWNLOAD] * 2 + [FIRST_VERSION, SECOND_VERSION, FOLDERS] + [ADMIN] * 2 + [API, CHOOSER]
    assert sum(len(read(table)) for table in asked) >= 2_000


# --- Every route of the site ------------------------------------------------------------------------------------

ROUTES = Path(__file__).with_name("routes.txt")


def routes_in_table() -> dict[str, str]:
    """Each route of routes.txt, with `public` or `closed`."""
    lines = [line for line in ROUTES.read_text().splitlines() if line and not line.startswith("#")]
    return {route: word for word, route in (line.split(maxsplit=1) for line in lines)}


def routes_of_site(patterns: Any = None, prefix: str = "") -> set[str]:
    found: set[str] = set()
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        found |= {route} if isinstance(pattern, URLPattern) else routes_of_site(pattern.url_patterns, route)
    return found


SAMPLES = {"int": "1", "str": "a", "slug": "a", "path": "a/b", "uuid": str(UUID(int=1)), "": "a"}


def address_of(route: str) -> str:
    """An address that the route matches."""
    plain = simplify_regex(re.sub(r"\(\?:\[\\w\\-\]\+/\)\*", "", route)).lstrip("/")
    plain = re.sub(r"<(?:(\w+):)?\w+>", lambda match: SAMPLES[match[1] or ""], plain)
    return f"/{plain}".replace("/./", "/a/a/a/")


def test_every_route_of_the_site_stands_in_the_table():
    table, site = set(routes_in_table()), routes_of_site()
    assert sorted(site - table) == [], "say in tests/routes.txt whether visitors may use these"
    assert sorted(table - site) == [], "these are gone"


def test_closed_routes_send_visitors_to_sign_in(client, db):
    wrong, asked = [], 0
    for route, word in routes_in_table().items():
        address = address_of(route)
        try:
            reached = resolve(address).route == route.replace("/^", "/")
        except Resolver404:
            reached = False
        if not reached:
            continue  # another route stands before it
        asked += 1
        response = client.get(address)
        if response.streaming:
            b"".join(response.streaming_content)
        # Wagtail's own address of the sign-in page leads on to the site's.
        doors = ("/account/login/?next=/", "/admin/login/?next=/")
        sent_away = response.status_code == 302 and response["Location"].startswith(doors)
        if sent_away != (word == "closed"):
            wrong.append(f"{route} ({word}): {response.status_code} {response.get('Location', '')}")
    assert wrong == []
    assert asked > 250


VARIANTS = [
    {},
    {"range": "bytes=0-4"},
    {"range": "bytes=9999999-"},
    {"if-none-match": "*"},
    {"if-none-match": "{etag}"},
    {"if-match": '"something else"'},
    {"range": "bytes=0-4", "if-range": "{etag}"},
    {"x-requested-with": "XMLHttpRequest"},
]


def answer_to(client: Client, method: str, address: str, headers: dict[str, str]) -> tuple[Any, ...]:
    """All of an answer, but for the way back that it names."""
    response = client.generic(method, address, headers=headers)
    kept = {name: value for name, value in response.items() if name != "Location"}
    location = response["Location"].split("?next=")
    assert location[1:] == [quote(address, safe="/%")], location
    return response.status_code, location[0], kept, response.content, dict(response.cookies)


def test_visitors_get_one_answer_for_whatever_lies_below_files_and_documents(world):
    paper, hidden = world.papers["green"], world.papers["embargoed in the committee"]
    pairs = [
        (f"/files/document/{there}/{rest}", f"/files/document/{world.unknown}/{rest}")
        for there in (paper.uuid, hidden.uuid)
        for rest in ("", "download/", "read/", "versions/1/content/", "versions/1/download/", "nonsense")
    ]
    pairs += [
        (f"/files/archive/?document={hidden.uuid}", f"/files/archive/?document={world.unknown}"),
        ("/files/archive/?folder=ours/committee", "/files/archive/?folder=x"),
        ("/files/ours/committee/", "/files/ours/no-such-folder/"),
        ("/files/ours/guidance/", "/files/x/"),
        ("/files/ours/guidance/?page=2", "/files/x/?page=99"),
        (f"/documents/{paper.pk}/paper.txt", "/documents/999999/paper.txt"),
        (f"/documents/{paper.pk}/wrong.txt", f"/documents/{paper.pk}/paper.txt"),
        (f"/documents/{hidden.pk}/paper.txt", "/documents/999999/paper.txt"),
        (f"/documents/{hidden.pk}/{hidden.file.name}", "/documents/999999/paper.txt"),
    ]
    visitor = world.clients["vis"]
    answers = []
    for there, not_there in pairs:
        for method in ("GET", "HEAD", "OPTIONS"):
            for variant in VARIANTS:
                etag = f'"{paper.current_version.token.hex}"'
                headers = {name: value.replace("{etag}", etag) for name, value in variant.items()}
                first = answer_to(visitor, method, there, headers)
                second = answer_to(visitor, method, not_there, headers)
                assert first == second, (method, there, headers)
                answers.append(first)
    statuses = {(status, location) for status, location, *_rest in answers}
    assert statuses == {(302, "/account/login/")}
    assert len({repr(answer) for answer in answers}) == 1
    assert answers[0][2] == {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": "0",
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": answers[0][2]["Content-Security-Policy"],
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "Vary": "Cookie",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def test_visitors_leave_no_row_in_the_record(world):
    before = AccessRecord.objects.count()
    world.clients["vis"].get(f"/files/document/{world.uuid('green')}/download/")
    assert AccessRecord.objects.count() == before


@pytest.mark.parametrize(
    "address",
    [
        "/files/document/not-a-uuid/",
        "/files/document/00000000-0000-0000-0000-00000000000g/download/",
        "/files/document/00000000000000000000000000000001/",
        f"/files/document/{UUID(int=1)}/versions/99999999999999999999999/download/",
        f"/files/document/{UUID(int=1)}/versions/-1/download/",
        f"/files/document/{UUID(int=1)}/versions/99999999999999999999999/read/",
        f"/files/document/{UUID(int=1)}/versions/0/content/",
        "/files/archive/?document=not-a-uuid",
        f"/files/archive/?document={UUID(int=1)}&document=",
        "/files/archive/?folder=no/such/folder",
        "/files/archive/?folder=%00",
        "/files/document/",
        "/files/no/such/folder/",
        "/files/" + "a/" * 300,
        "/files/%00/",
        "/files/%ff%fe/",
        "/files/../../etc/passwd",
        "/files/?page=0",
        "/files/?page=-1",
        "/files/?page=9999999999999999999999",
        "/files/?page=x",
        "/files/?page=%00",
        "/files/saved/?page=99",
        "/files/recent/?page=99",
        f"/files/document/{UUID(int=1)}/preview/99999999999999999999999/small/",
        f"/files/document/{UUID(int=1)}/preview/1/huge/",
        "/documents/99999999999999999999999/a.pdf",
        "/documents/0/a.pdf",
        "/admin/documents/edit/99999999999999999999999/",
        "/admin/documents/chooser/chosen/abc/",
        "/admin/documents/chooser/chosen/99999999999999999999999/",
        "/admin/documents/chooser/chosen/²/",
        "/admin/memberships/decide/1/nonsense/",
        "/admin/memberships/decide/99999999999999999999999/approve/",
    ],
)
def test_malformed_addresses_do_not_exist(db, signed_in, address):
    assert signed_in(make_administrator()).get(address).status_code == 404
