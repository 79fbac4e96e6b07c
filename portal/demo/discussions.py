"""What the demonstration's members say below its posts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoComment:
    """`days` after the post was published; `answers` is the place of another in the same list."""

    post: str
    author: str
    text: str
    days: float
    answers: int | None = None
    held: bool = False


COMMENTS = (
    DemoComment(
        "nactso-ctpn-information",
        "member@example.org",
        "Thank you for putting the two side by side. The report on crowded places is the first that treats the queue "
        "outside as part of the venue, which is where our own exercise went wrong last spring.",
        1.1,
    ),
    DemoComment(
        "nactso-ctpn-information",
        "committee@example.org",
        "The committee will go through the fifth report, on coordination, at its next meeting. If you would like a "
        "question put to the authors, send it to the secretary by the end of the month.",
        1.6,
        answers=0,
    ),
    DemoComment(
        "nactso-ctpn-information",
        "editor@example.org",
        "A reader asked whether the training may be taken by part-time stewards. It may: the modules are meant for "
        "everybody with a duty at the door.",
        2.2,
    ),
    DemoComment(
        "nactso-ctpn-information",
        "member@example.org",
        "There is a short film with the training, see https://example.org/film.\n\n"
        "It runs for nine minutes and needs no sound.",
        3.0,
        held=True,
    ),
)
