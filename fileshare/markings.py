"""The Traffic Light Protocol 2.0 (FIRST, first.org/tlp): the labels, their colours, and what they mean here.

Labels are written exactly so, in capitals, and never translated; UK government markings travel beside them as a
free-text caveat and never decide about access.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class Marking(models.TextChoices):
    """In rising order of confidence."""

    CLEAR = "TLP:CLEAR", "TLP:CLEAR"
    GREEN = "TLP:GREEN", "TLP:GREEN"
    AMBER = "TLP:AMBER", "TLP:AMBER"
    AMBER_STRICT = "TLP:AMBER+STRICT", "TLP:AMBER+STRICT"
    RED = "TLP:RED", "TLP:RED"


@dataclass(frozen=True)
class MarkingInfo:
    """A label as it is shown: `css` names the colour's class, `meaning` is one sentence for the reader, and `asks` says
    what the site adds."""

    label: str
    css: str
    meaning: str
    asks: str = ""


STAMPED = "Every page of your copy carries your name, your membership number and the number of the copy."
INFO = {
    Marking.CLEAR: MarkingInfo(
        "TLP:CLEAR", "clear", "You may pass this paper on without limit; copyright still applies."
    ),
    Marking.GREEN: MarkingInfo(
        "TLP:GREEN", "green", "You may share this paper within our community, but not through public channels."
    ),
    Marking.AMBER: MarkingInfo(
        "TLP:AMBER",
        "amber",
        "Share this paper only with those who need to know, in your organisation or its clients.",
        f"{STAMPED} Before your first copy you are asked to accept the handling terms.",
    ),
    Marking.AMBER_STRICT: MarkingInfo(
        "TLP:AMBER+STRICT",
        "amber",
        "Share this paper only with those who need to know, inside your own organisation.",
        "You are asked to accept the handling terms, and to sign in with a passkey or a code besides your password.",
    ),
    Marking.RED: MarkingInfo(
        "TLP:RED",
        "red",
        "This paper is for you and the other named recipients only. Do not pass it on.",
        f"{STAMPED} Its owner is told of each copy. You are asked to accept the handling terms, to sign in with a "
        "passkey or a code besides your password, and to confirm that it is you if you last did so more than a quarter "
        "of an hour ago.",
    ),
}

# A title on a public page only for these two; above them the reader sees that a restricted paper exists.
TITLE_MAY_BE_PUBLIC = (Marking.CLEAR, Marking.GREEN)
# Copies of these are stamped, so the file must be a PDF that can be; the handling terms come before the first one.
MUST_BE_A_PLAIN_PDF = (Marking.AMBER, Marking.AMBER_STRICT, Marking.RED)
# The session must have shown a second factor or a passkey.
NEEDS_SECOND_FACTOR = (Marking.AMBER_STRICT, Marking.RED)
# And the person must have confirmed within so many seconds that it is still they who sit there.
NEEDS_CONFIRMATION = (Marking.RED,)
CONFIRMED_WITHIN = 15 * 60
