"""The people of the demo, the organisations that they work for, and the levels of membership."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from portal.demo.catalogue import ASSOCIATION, CTPN, EXERCISES_GROUP, NACTSO

DemoStanding = Literal["current", "ends soon", "in grace", "applicant", "lapsed", "suspended", "resigned", "staff"]

EDITORS = "Editors"
SECRETARIES = "Membership secretaries"
AUDITORS = "Auditors"
COMMITTEE = "Committee"
REVIEWERS = "Moderators"

# With their days of grace.
LEVELS: dict[str, int] = {"Full": 30, "Associate": 14, "Student": 14}
ENDS_IN_DAYS: dict[str, int] = {"ends soon": 6, "in grace": -4, "lapsed": -52}


@dataclass(frozen=True)
class DemoOrganisation:
    name: str
    abbreviation: str
    website: str


@dataclass(frozen=True)
class DemoPerson:
    """An account. Applicants have no number yet; `reason` is why somebody is suspended."""

    email: str
    first_name: str
    last_name: str
    groups: tuple[str, ...]
    standing: DemoStanding
    organisation: str
    level: str
    number: int | None
    reason: str = ""
    is_superuser: bool = False


ORGANISATIONS: tuple[DemoOrganisation, ...] = (
    DemoOrganisation(ASSOCIATION, "ASP", "https://association.example/"),
    DemoOrganisation(EXERCISES_GROUP, "", ""),
    DemoOrganisation(NACTSO, "NaCTSO", "https://www.protectuk.police.uk/"),
    DemoOrganisation(CTPN, "CTPN", ""),
    DemoOrganisation("Harbourlight Arena", "", "https://harbourlight-arena.example/"),
    DemoOrganisation("Merebridge City Council", "", "https://merebridge.example/"),
    DemoOrganisation("Northfield Stadium", "", "https://northfield-stadium.example/"),
    DemoOrganisation("Wending River Festival", "WRF", "https://wending-river.example/"),
    DemoOrganisation("Calder Street Theatre Trust", "", "https://calder-street.example/"),
    DemoOrganisation("Tarnside County Show", "", "https://tarnside-show.example/"),
    DemoOrganisation("St Brannock University", "", "https://st-brannock.example/"),
    DemoOrganisation("Ashcombe Market Hall", "", "https://ashcombe-market.example/"),
    DemoOrganisation("Pellwater Trams", "", "https://pellwater-trams.example/"),
)

ACCOUNTS: tuple[DemoPerson, ...] = (
    DemoPerson("admin@example.org", "Ruth", "Ashdown", (), "current", ASSOCIATION, "Full", 101, is_superuser=True),
    DemoPerson("editor@example.org", "Helen", "Marsh", (EDITORS,), "current", ASSOCIATION, "Full", 118),
    DemoPerson("secretary@example.org", "Daniel", "Okafor", (SECRETARIES,), "current", ASSOCIATION, "Full", 126),
    DemoPerson(
        "auditor@example.org", "Ingrid", "Solberg", (AUDITORS,), "current", "St Brannock University", "Full", 204
    ),
    DemoPerson("member@example.org", "Priya", "Nair", (), "current", "Harbourlight Arena", "Full", 1042),
    DemoPerson(
        "committee@example.org", "Tomasz", "Wójcik", (COMMITTEE,), "current", "Merebridge City Council", "Full", 311
    ),
    DemoPerson("applicant@example.org", "Gareth", "Penhale", (), "applicant", "Tarnside County Show", "Full", None),
    DemoPerson("lapsed@example.org", "Yasmin", "Demir", (), "lapsed", "Calder Street Theatre Trust", "Associate", 687),
    DemoPerson(
        "suspended@example.org",
        "Colin",
        "Thackray",
        (),
        "suspended",
        "Northfield Stadium",
        "Full",
        542,
        reason="A restricted paper was passed on outside the organisation. The committee looks at the case in January.",
    ),
)

OTHERS: tuple[DemoPerson, ...] = (
    DemoPerson("aoife.brennan@example.org", "Aoife", "Brennan", (), "current", "Northfield Stadium", "Full", 733),
    DemoPerson(
        "marcus.adeyemi@example.org",
        "Marcus",
        "Adeyemi",
        (COMMITTEE, REVIEWERS),
        "current",
        "Wending River Festival",
        "Full",
        405,
    ),
    DemoPerson(
        "rhiannon.vaughan@example.org",
        "Rhiannon",
        "Vaughan",
        (COMMITTEE,),
        "current",
        "Calder Street Theatre Trust",
        "Full",
        388,
    ),
    DemoPerson(
        "fergus.lockhart@example.org", "Fergus", "Lockhart", (), "ends soon", "Pellwater Trams", "Associate", 1107
    ),
    DemoPerson(
        "elodie.marchand@example.org", "Élodie", "Marchand", (), "in grace", "St Brannock University", "Student", 1163
    ),
    DemoPerson("sunita.rao@example.org", "Sunita", "Rao", (), "current", "Ashcombe Market Hall", "Full", 951),
    DemoPerson("hugh.tanner@example.org", "Hugh", "Tanner", (), "resigned", "Pellwater Trams", "Full", 276),
    DemoPerson("obinna.eze@example.org", "Obinna", "Eze", (), "applicant", "Harbourlight Arena", "Full", None),
    DemoPerson(
        "lena.hartwig@example.org", "Lena", "Hartwig", (), "applicant", "St Brannock University", "Student", None
    ),
    DemoPerson(
        "catrin.howells@example.org", "Catrin", "Howells", (), "applicant", "Merebridge City Council", "Full", None
    ),
    DemoPerson("amara.osei@example.org", "Amara", "Osei", (), "applicant", "Harbourlight Arena", "Full", None),
    DemoPerson("nigel.pruett@example.org", "Nigel", "Pruett", (), "applicant", "Pruett Fireworks", "Full", None),
    DemoPerson("wanda.kessler@example.org", "Wanda", "Kessler", (), "applicant", "Ashcombe Market Hall", "Full", None),
)

PEOPLE: tuple[DemoPerson, ...] = (*ACCOUNTS, *OTHERS)
