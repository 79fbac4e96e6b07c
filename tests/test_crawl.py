"""A walk over the whole site as each kind of person: no word of what is not theirs stands anywhere on the way.

Every secret field of every secret thing bears a word of its own (“marker”). People follow links, and open the addresses
of the things themselves; whatever they are answered is searched for the markers of others. Who may know what is said
here once more, by hand (POLICY.md), so that the site's own rule is not asked about itself.

A page is asked for a few times for each of its routes. `CRAWL=all` walks without that limit.
"""

from __future__ import annotations

import datetime
import os
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone
from wagtail.models import PageViewRestriction, Site

from fileshare.enums import Telling
from fileshare.models import DocumentVersion, PageText, SharedDocument
from members import limits
from members.models import Organisation, Profile, User
from members.services import membership
from portal.models import NewsPage, SiteSettings
from portal.notifications import announcing
from portal.search import index
from portal.services import comments, roles
from tests.factories import (
    make_administrator,
    make_application,
    make_editor_of,
    make_folder,
    make_member,
    make_paper,
    make_post,
)
from tests.laid_out import laid_out

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("crawl")]
OF_A_ROUTE = None if os.environ.get("CRAWL") == "all" else 1
ROUTES = Path(__file__).parent / "routes.txt"
KINDS = (  # whoever is an administrator may meet every word
    "visitor", "applicant", "member", "committee", "lapsed", "suspended", "folder editor", "secretary", "auditor",
)  # fmt: skip
READERS = {"member", "committee", "folder editor", "secretary", "auditor", "administrator"}
LINK = re.compile(r"""(?:href|src|action|data-[a-z-]*url)=["']([^"'#]+)""")
MARKER = re.compile(r"zq[a-z]+x[0-9]+zq")
# Leaving, signing out and the like end the walk; a file's bytes are the access table's matter.
NOT_WALKED = re.compile(
    r"^/(static|public|account/logout|admin/logout|admin/jsi18n|account/delete|health/ready|admin/failwhale)|/download/|/content/"
)


@dataclass
class Secrets:
    """Each marker with the kinds of person who may meet it, and the numbers by which things are guessed."""

    known_to: dict[str, set[str]] = field(default_factory=dict)
    papers: list[SharedDocument] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    folders: list[int] = field(default_factory=list)
    guidance: Any = None

    def word(self, thing: str, kinds: set[str]) -> str:
        """A new word for a field of this thing."""
        marker = f"zq{re.sub('[^a-z]', '', thing)}x{len(self.known_to)}zq"
        self.known_to[marker] = kinds
        return marker

    def foreign(self, text: str, kind: str) -> list[str]:
        return sorted(word for word in set(MARKER.findall(text)) if kind not in self.known_to[word])


def paper(
    secrets: Secrets, what: str, kinds: set[str], *, readers: set[str] | None = None, **fields: Any
) -> SharedDocument:
    """A paper with a marker in each field that has words; its text is for `readers`, where those who may change the
    paper are not among them."""
    made = make_paper(
        f"Quarterly {secrets.word(what, kinds)}", description=f"Quarterly {secrets.word(what, kinds)}",
        caveat=secrets.word(what, kinds), telling=Telling.YES, file_name=f"{secrets.word(what, kinds)}.pdf",
        source=Organisation.objects.create(name=f"Office {secrets.word(what, kinds | READERS)}"), **fields,
    )  # fmt: skip
    made.tags.add(secrets.word(what, kinds))
    version = made.versions.get()
    PageText.objects.create(version=version, number=1, text=f"Quarterly {secrets.word(what, readers or kinds)} report")
    secrets.papers.append(made)
    return made


def post(secrets: Secrets, what: str, kinds: set[str], **fields: Any) -> NewsPage:
    made = make_post(
        f"Quarterly {secrets.word(what, kinds)}", standfirst=secrets.word(what, kinds),
        body=[("text", f"<p>Quarterly {secrets.word(what, kinds)}</p>")], slug=secrets.word(what, kinds), **fields,
    )  # fmt: skip
    secrets.pages.append(made.pk)
    return made


def lay_out_papers(secrets: Secrets) -> Any:
    now, day = timezone.now(), datetime.timedelta(days=1)
    guidance, closed = make_folder("Guidance"), make_folder("Committee papers", groups=("Committee",))
    inside, keepers = {"committee", "administrator"}, {"folder editor", "administrator"}
    named = make_member("named@example.org")
    paper(secrets, "open", READERS, collection=guidance)
    paper(secrets, "committee", inside, collection=closed)
    paper(
        secrets, "red", keepers, readers={"administrator"}, collection=guidance, marking="TLP:RED", recipients=(named,)
    )
    paper(secrets, "embargoed", keepers, collection=guidance, publish_at=now + day)
    paper(secrets, "expired", keepers, collection=guidance, expires_at=now - day / 2)
    gone = paper(secrets, "withdrawn", keepers, collection=guidance)
    SharedDocument.objects.filter(pk=gone.pk).update(withdrawn_at=now, withdrawal_reason=secrets.word("why", keepers))
    held = paper(secrets, "held", keepers, collection=guidance, inspected=False)
    DocumentVersion.objects.filter(document=held).update(
        inspection="quarantined", inspection_note=secrets.word("held", keepers)
    )
    folder = make_folder(f"Folder {secrets.word('folder', inside)}", parent=closed)
    secrets.folders += [guidance.pk, closed.pk, folder.pk]
    return guidance


def lay_out_posts(secrets: Secrets) -> None:
    editors = {"administrator"}
    post(secrets, "draft", editors, live=False)
    post(secrets, "dated", editors, published_at=timezone.now() + datetime.timedelta(days=1))
    private = post(secrets, "private", {"committee", "administrator"})
    restriction = PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.set([Group.objects.get(name="Committee")])
    rest = secrets.word("rest", READERS)
    body = [("text", "<p>Quarterly words for all</p>"), ("members_only", None), ("text", f"<p>Quarterly {rest}</p>")]
    shown = make_post("Quarterly news", body=body)
    site = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    waits = secrets.word("comment", editors | {"commenter"})
    comments.write(post=shown, author=make_member("commenter@example.org"), text=waits, site=site, wants_mail=False)


def lay_out_people(secrets: Secrets) -> None:
    office = {"secretary", "administrator"}
    hidden = make_member(
        "hidden@example.org", first_name="Robin", last_name=secrets.word("surname", office | {"auditor"})
    )
    Profile.objects.create(user=hidden, about=secrets.word("about", office), phone=secrets.word("phone", office))
    suspended = make_member("closed@example.org")
    membership.suspend(
        membership=suspended.membership, by=make_administrator(), reason=secrets.word("reason", office | {"auditor"})
    )
    applied = make_application(why=secrets.word("application", office))
    secrets.people += [hidden.pk, suspended.pk, applied.user.pk]


@pytest.fixture(scope="module")
def laid_out_secrets(django_db_setup: None, django_db_blocker: Any) -> Iterator[Secrets]:
    with laid_out(django_db_setup, django_db_blocker):
        roles.ensure_roles()
        made = Secrets()
        made.guidance = lay_out_papers(made)
        lay_out_posts(made)
        lay_out_people(made)
        index.rebuild()
        announcing.announce_papers()
        yield made


@pytest.fixture
def secrets(laid_out_secrets: Secrets, db: None) -> Secrets:
    return laid_out_secrets


def somebody(kind: str, guidance: Any) -> User | None:
    if kind == "visitor":
        return None
    if kind in ("applicant", "lapsed", "suspended"):
        return make_member(standing=kind)
    if kind == "folder editor":
        return make_editor_of(guidance)
    groups = {"committee": "Committee", "secretary": roles.SECRETARIES, "auditor": roles.AUDITORS}
    return make_member(groups=(groups[kind],) if kind in groups else ())


# --- The way ------------------------------------------------------------------------------------------------------
def guessed(secrets: Secrets) -> Iterator[str]:
    """Every route of the site, with the numbers of secret things where it wants some."""
    numbers = {"documents": [each.pk for each in secrets.papers], "pages": secrets.pages, "images": [1],
               "collections": secrets.folders, "members": secrets.people, "users": secrets.people}  # fmt: skip
    for line in ROUTES.read_text().splitlines():
        kind, _, route = line.partition(" ")
        if kind not in ("public", "closed") or re.search(r"[\^$(]|<(slug|path)", route):
            continue
        about = next((known for name, known in numbers.items() if name in route), numbers["documents"])
        for number, document in zip(cycle(about), secrets.papers, strict=False):
            filled = re.sub(r"<uuid:\w+>", str(document.uuid), route)
            yield "/" + re.sub(r"<(int|str):\w+>", str(number), filled)
            if filled == route and "<" not in route:
                break


def starts(secrets: Secrets) -> list[str]:
    asked = [f"/search/?q={word}" for word in ("quarterly", "office")]
    asked += [f"/admin/{where}/?q=quarterly" for where in ("documents", "images", "pages/search", "users")]
    return ["/", "/files/", "/members/", "/admin/", "/news/", *asked, *guessed(secrets)]


def route_of(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).route
    except Resolver404:
        return address


def text_of(answer: HttpResponse) -> str:
    """Its words and its head, as people, programs and logs of theirs may read them."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    said = body.decode(errors="replace")
    if "json" in answer.headers.get("Content-Type", ""):
        said += said.encode().decode("unicode_escape", errors="replace")
    return unquote(unescape(said)) + unquote(str(dict(answer.headers)))


def walk(client: Client, kind: str, secrets: Secrets) -> tuple[list[str], int]:
    """What was found that is not this person's, and how many pages were asked for."""
    found, seen, of_route = [], set(), Counter[str]()
    ahead = deque(starts(secrets))
    while ahead:
        address = ahead.popleft()
        route = route_of(address)
        if address in seen or NOT_WALKED.search(address) or (OF_A_ROUTE and of_route[route] >= OF_A_ROUTE):
            continue
        seen.add(address)
        of_route[route] += 1
        answer = client.get(address)
        assert answer.status_code < 500, (kind, address)
        text = text_of(answer)
        found += [f"{kind} reads {word} at {address}" for word in secrets.foreign(text, kind)]
        for link in LINK.findall(text):
            target = urljoin(f"http://testserver{address}", unescape(link))
            if target.startswith("http://testserver/"):
                ahead.append(target.removeprefix("http://testserver"))
    return found, len(seen)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_meets_a_word_of_what_is_not_theirs(secrets, kind, monkeypatch):
    monkeypatch.setattr(limits, "allows", lambda *args, **kwargs: True)
    client = Client(raise_request_exception=False)
    if person := somebody(kind, secrets.guidance):
        client.force_login(person)
    found, asked = walk(client, kind, secrets)
    assert found == []
    assert asked > 100


def test_walk_meets_what_is_its_own(secrets):
    """So that a walk which reads nothing does not count: titles, and the text inside."""
    client = Client()
    client.force_login(make_administrator())
    everything = {word: kinds - {"administrator"} for word, kinds in secrets.known_to.items()}
    found, _ = walk(client, "administrator", replace(secrets, known_to=everything))
    met = {word for word in everything if any(word in line for line in found)}
    for document in secrets.papers:
        assert set(MARKER.findall(document.title)) <= met
    for page in NewsPage.objects.filter(pk__in=secrets.pages):
        assert set(MARKER.findall(page.title)) <= met
    assert set(MARKER.findall(PageText.objects.get(version__document=secrets.papers[0]).text)) <= met
