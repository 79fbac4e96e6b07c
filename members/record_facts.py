"""The details of a row of the access record, as pieces of a sentence."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from django.utils.formats import date_format

from members.enums import Action

MEMBERSHIP = {
    "level": "level",
    "before": "before: until",
    "ended_on": "ended on",
    "starts_on": "from",
    "opens_to": "group",
    "grace_days": "days of grace",
    "line": "line of the file",
    "new_members": "new members:",
    "changed_members": "members changed:",
    "destroy_after_days": "files destroyed so many days after expiry:",
}
DETAILS = {
    "first_name": "first name",
    "last_name": "last name",
    "about": "the line about the person",
    "is_listed": "whether listed",
    "shows_about": "whether the line is shown",
    "shows_email": "whether the e-mail address is shown",
    "shows_organisation": "whether the organisation is shown",
    "shows_phone": "whether the phone number is shown",
    "shows_role": "whether the role is shown",
}
DAYS = ("before", "ended_on", "starts_on")
FILTERS = {
    "q": "search",
    "at_from": "from",
    "at_to": "to",
    "action": "what happened",
    "person": "who",
    "subject": "about",
    "story": "everything about",
    "standing": "standing",
    "level": "level no.",
    "organisation": "organisation",
    "expires_within": "ends within days",
    "password": "password",
    "confirmed": "confirmed",
    "by": "by",
    "folder": "folder no.",
    "paper": "paper",
}
SWITCHES = {
    "is_superuser": ("is now an administrator", "is no longer an administrator"),
    "is_active": ("the account is open", "the account is closed"),
    "takes_contributions": ("members may bring papers", "members may no longer bring papers"),
    "tells_members": ("members are told of new papers", "members are no longer told of new papers"),
    "takes_zips": ("zip archives may come in", "zip archives may no longer come in"),
    "former_versions_readable": ("former versions are readable", "former versions are no longer readable"),
}


def of(details: Mapping[str, Any]) -> Iterator[str]:
    """What the details say beyond the version and the numbers of things."""
    if "outcome" in details:
        yield str(details["outcome"])
    if "range" in details:
        yield "part of the file"
    if details.get("marking"):
        yield f"from {details['marking']['from']} to {details['marking']['to']}"
    yield from _of_membership(details)
    if "expires_on" in details:
        until = details["expires_on"]
        yield f"until {date_format(datetime.date.fromisoformat(until), 'j F Y')}" if until else "no end"
    if "groups" in details:
        yield f"groups: {', '.join(details['groups'])}" if details["groups"] else "no groups"
    if "count" in details and "bytes" in details:
        yield f"files: {details['count']}, bytes: {details['bytes']}"
    if "contributors" in details:
        yield f"papers only from: {', '.join(details['contributors']) or 'no certain group'}"
    if "reminded" in details:
        yield f"mails: {details['reminded']}"
    if details.get("changed"):
        yield f"changed: {', '.join(DETAILS.get(name, name) for name in details['changed'])}"
    yield from _of_signing_in(details)
    yield from _of_permissions(details)


def _of_membership(details: Mapping[str, Any]) -> Iterator[str]:
    for name, label in MEMBERSHIP.items():
        value = details.get(name)
        if isinstance(value, dict):
            yield f"{label} from {_as_fact(name, value['from'])} to {_as_fact(name, value['to'])}"
        elif value:
            yield f"{label} {_as_fact(name, value)}"


def _as_fact(name: str, value: Any) -> str:
    if name in DAYS and value:
        return date_format(datetime.date.fromisoformat(value), "j F Y")
    return "none" if value in (None, "") else str(value)


def _of_signing_in(details: Mapping[str, Any]) -> Iterator[str]:
    if "how" in details:
        yield f"with {details['how']}"
    yield from (str(details[name]) for name in ("factor", "device") if name in details)
    if details.get("new"):
        yield "a new device"


def of_export(asked: str) -> Iterator[str]:
    """Which rows were exported, from the address that asked for them (cut off where it was very long)."""
    wanted = [(name, value) for name, value in parse_qsl(asked) if value]
    yield f"as {dict(wanted).get('export', 'a file').upper()}"
    narrowed = [(FILTERS[name], Action(value).label if value in Action else value)
                for name, value in wanted if name in FILTERS]  # fmt: skip
    yield ", ".join(f"{name}: {value}" for name, value in narrowed) or "all rows"


def _of_permissions(details: Mapping[str, Any]) -> Iterator[str]:
    if details.get("given"):
        yield f"may now: {', '.join(details['given'])}"
    if details.get("taken"):
        yield f"may no longer: {', '.join(details['taken'])}"
    if "people" in details:
        yield f"“{details['group']}”"
        yield f"people in it: {details['people']}"
    for name, (yes, no) in SWITCHES.items():
        if name in details:
            yield yes if details[name] else no
