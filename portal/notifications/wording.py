"""News in words: one mail to one person, grouped, with the reason for each group."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format

from fileshare.markings import Marking
from members import mail
from members.mail_forms import mark
from members.mail_to_many import Letter
from members.models import User
from portal.models import Kind, Pace
from portal.notifications import links
from portal.notifications.news import RESTRICTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.models import Run
    from portal.notifications.links import Person
    from portal.notifications.news import Entry

HEADINGS = {
    Kind.POSTS: "New posts",
    Kind.PAPERS: "New papers",
    Kind.CONFIRM: "Papers that wait for your confirmation",
    Kind.COMMENTS: "New comments",
    Kind.MEMBERSHIP: "Your membership",
}
STRICTEST = tuple(Marking)  # in ascending order


def _marking(entries: Sequence[Entry]) -> str:
    """The strictest of those that the mail speaks of, which then is the mail's own (TLP 2.0, on messages)."""
    markings = {each.marking for each in entries if each.marking}
    return next((str(each) for each in reversed(STRICTEST) if each in markings), "")


def _paragraph(entry: Entry) -> str:
    marked = f"{entry.marking}: {entry.title}" if entry.marking else entry.title
    return "\n".join(filter(None, (marked, entry.note, entry.address)))


def _groups(entries: Sequence[Entry]) -> str:
    order = list(HEADINGS)
    paragraphs: list[str] = []
    in_order = sorted(entries, key=lambda each: (order.index(each.kind), each.reason))
    for (kind, reason), group in groupby(in_order, key=lambda each: (each.kind, each.reason)):
        paragraphs.append(f"{HEADINGS[kind]}{f', {reason}' if reason else ''}:")
        paragraphs += [_paragraph(each) for each in group]
    return "\n\n".join(paragraphs)


def _counted(entries: Sequence[Entry]) -> str:
    counts = [
        (sum(each.kind == kind for each in entries), one)
        for kind, one in ((Kind.POSTS, "post"), (Kind.PAPERS, "paper"), (Kind.CONFIRM, "paper to confirm"))
    ]
    said = [f"{n} {one if n == 1 else one.replace(one.split()[0], one.split()[0] + 's', 1)}" for n, one in counts if n]
    if any(each.kind == Kind.COMMENTS for each in entries):
        said.append("comments")
    return f"{', '.join(said[:-1])} and {said[-1]}" if said[1:] else "".join(said)


def _subject(run: Run, entries: Sequence[Entry]) -> str:
    if run.pace != Pace.AT_ONCE:
        return f"News: {_counted(entries)}"
    entry = entries[0]
    if entry.kind == Kind.POSTS:
        return f"New post: {entry.title}"
    if entry.kind == Kind.CONFIRM:
        return "Please confirm a paper" if entry.title == RESTRICTED else f"Please confirm: {entry.title}"
    return "A restricted paper is there" if entry.title == RESTRICTED else f"New paper: {entry.title}"


def _opening(run: Run) -> str:
    if run.pace == Pace.AT_ONCE:
        return "this has just appeared."
    return f"this is new since {date_format(timezone.localtime(run.since), 'j F Y')}."


class Writer:
    """Writes the mails of a run. What is said to many is put into words once (`members.mail_forms`)."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._written: dict[tuple[Sequence[Entry], bool, bool], tuple[str, str]] = {}

    def letter(self, person: Person, entries: Sequence[Entry]) -> Letter:
        name = person.first_name if isinstance(person, User) else ""
        stop, choose = links.token(person, links.STOP), links.token(person, links.CHOOSE)
        subject, text = self._words(tuple(entries), isinstance(person, User), bool(name))
        fills = {"stop": stop, "choose": choose}
        return Letter(
            occasion=self._run.occasion_of(person),
            address=person.email if isinstance(person, User) else person.address,
            subject=subject,
            text=text,
            fills=fills | ({"name": name} if name else {}),
            user_id=person.pk if isinstance(person, User) else None,
            headers=links.headers(links.address("stop_news", stop)),
        )

    def _words(self, entries: tuple[Entry, ...], is_member: bool, has_name: bool) -> tuple[str, str]:
        same = entries, is_member, has_name
        if same not in self._written:
            self._written[same] = mail.words_of(
                "news",
                {
                    "person": {"first_name": mark("name")} if has_name else {},
                    "marking": _marking(entries),
                    "heading": _subject(self._run, entries),
                    "opening": _opening(self._run),
                    "news": _groups(entries),
                    "is_member": is_member,
                    "stop_address": links.address("stop_news", mark("stop")),
                    "choose_address": links.address("choose_news", mark("choose")),
                },
            )
        return self._written[same]
