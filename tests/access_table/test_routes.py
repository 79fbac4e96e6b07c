"""Every route of the site: it stands in the list, and asks for a sign-in or not as the list says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.admindocs.views import simplify_regex
from django.urls import Resolver404, URLPattern, get_resolver, resolve

from tests.factories import make_administrator

ROUTES = Path(__file__).resolve().parent.parent / "routes.txt"


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


MALFORMED = (
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
)


def test_malformed_addresses_do_not_exist(db, signed_in):
    administrator = signed_in(make_administrator())
    answers = {address: administrator.get(address).status_code for address in MALFORMED}
    assert {address: status for address, status in answers.items() if status != 404} == {}
