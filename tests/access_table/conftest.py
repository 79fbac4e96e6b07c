"""The site that the table is about."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from wagtail.models import Collection

from fileshare.enums import Inspection, Review
from fileshare.models import DocumentVersion, Folder, SharedDocument
from fileshare.services import retention
from members.models import User
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
from tests.laid_out import laid_out
from tests.marked import accept_terms, note_signing_in, stamp_as_it_is


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


@pytest.fixture(scope="package")
def laid_out_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with laid_out(django_db_setup, django_db_blocker):
        world = World()
        _people(world)
        _papers(world)
        accept_terms(world.papers.values(), *world.people.values())
        yield world


@pytest.fixture
def world(laid_out_world: World, db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """Everybody has done what markings ask (tests/fileshare/test_requirements.py), so that the policy alone decides."""
    stamp_as_it_is(monkeypatch)
    clients = {person: Client() for person in laid_out_world.clients}
    for person, client in clients.items():
        client.cookies = deepcopy(laid_out_world.clients[person].cookies)
        if person not in ("vis", "ina"):
            note_signing_in(client, "mfa")
    return replace(laid_out_world, clients=clients)


@pytest.fixture
def plain_404(monkeypatch: pytest.MonkeyPatch) -> None:
    """For routes whose 404 has the same page as the papers' own: without writing the page each time."""
    monkeypatch.setattr("portal.urls.handler404", lambda request, exception: HttpResponse(status=404), raising=False)
