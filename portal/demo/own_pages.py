"""What the demonstration's members say about themselves in the directory, and what one of them has downloaded."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from fileshare.models import SharedDocument
from members import audit
from members.enums import Action
from members.models import AccessRecord, Profile, User
from members.services import details

EVERYTHING = ("organisation", "role", "email", "phone", "about")


@dataclass(frozen=True)
class DemoEntry:
    """A member's details; `shows` is what other members see of them, nothing where it is None."""

    email: str
    role: str
    phone: str = ""
    about: str = ""
    shows: tuple[str, ...] | None = EVERYTHING
    asks_for: str = ""


ENTRIES = (
    DemoEntry(
        "member@example.org", "Head of safety", "+44 1632 960142",
        "Ask me about queues outside the doors, and about part-time stewards.", ("organisation", "role", "about"),
    ),
    DemoEntry(
        "committee@example.org", "Events safety officer", "+44 1632 960311",
        "Licensing of street events; I chair the committee's reading group.",
    ),
    DemoEntry("editor@example.org", "Editor", about="Send me what others should read.", shows=("role", "about")),
    DemoEntry(
        "aoife.brennan@example.org", "Safety officer", "+44 1632 960733", "Match days and radio discipline.",
        asks_for="Northfield Stadium and Park",
    ),
    DemoEntry(
        "marcus.adeyemi@example.org", "Festival director", "+44 1632 960405",
        "Weather plans for a field with forty thousand people in it.",
    ),
    DemoEntry(
        "rhiannon.vaughan@example.org", "Front of house manager", about="Old buildings with one staircase.",
        shows=("organisation", "role", "email", "about"),
    ),
    DemoEntry(
        "elodie.marchand@example.org", "Doctoral student",
        about="I measure how people walk in smoke.", shows=("organisation", "role", "email", "about"),
    ),
    DemoEntry("sunita.rao@example.org", "Market manager", "+44 1632 960951", shows=None),
)  # fmt: skip
DOWNLOADS = 6  # papers, the newest ones


def seed() -> None:
    """Through the services, as the members themselves. Twice changes nothing."""
    for entry in ENTRIES:
        user = User.objects.get(email=entry.email)
        if not Profile.objects.filter(user=user).exists():
            _enter(user, entry)
    member = User.objects.get(email="member@example.org")
    if not AccessRecord.objects.filter(actor=member, action=Action.DOWNLOADED).exists():
        _download(member)


def _enter(user: User, entry: DemoEntry) -> None:
    details.change_details(
        user=user, first_name=user.first_name, last_name=user.last_name, role=entry.role, phone=entry.phone,
        organisation=entry.asks_for,
    )  # fmt: skip
    shown = {f"shows_{name}": name in (entry.shows or ()) for name in EVERYTHING}
    details.change_directory_entry(
        user=user, entry={"is_listed": entry.shows is not None, "about": entry.about, **shown}
    )


def _download(member: User) -> None:
    """The newest papers that the member may read, and one whose time is over since."""
    over = SharedDocument.objects.filter(expires_at__lt=timezone.now(), current_version__isnull=False)[:1]
    papers = SharedDocument.objects.visible_to(member).with_facts().newest_first()[:DOWNLOADS]
    for paper in (*over, *papers):
        if paper.current_version:
            audit.record(
                Action.DOWNLOADED, actor=member, object_kind="document", object_id=paper.uuid,
                version=paper.current_version.number,
            )  # fmt: skip
