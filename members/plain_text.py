"""Text that people type, made harmless to everybody else's page: nothing is lost that a reader could see."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError

MOST_MARKS = 3  # accents on one letter; more than any living language piles up
# Characters that turn the direction of what follows, also of other people's words (Unicode's standard annex 9).
DIRECTION = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# What Unicode does not call a space and shows nothing all the same.
UNSEEN = re.compile("[\\s\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u206f\u3164\ufeff\uffa0]*")
WORD = re.compile(r"[^\W_]+")
BLANK_LINES = re.compile(r"\n[ \t]*\n[\s]*\n")


# What XML does not hold (1.0, 2.2): programs for writing letters leave some where a line breaks.
NO_XML = {code: None for code in [*range(0x20), 0xFFFE, 0xFFFF] if chr(code) not in "\t\n\r"}
BREAKS = dict.fromkeys(map(ord, "\v\f"), " ")


def for_xml(text: str) -> str:
    """The text without the control characters that break a feed for everybody."""
    return text.translate(BREAKS).translate(NO_XML)


def harmless(text: str) -> str:
    """The text with plain line ends, without control characters, directions turned, and towers of accents.

    Letters that Unicode knows with their accent are written so; joiners stay, for scripts and signs that need them.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    composed = unicodedata.normalize("NFC", lines.translate(DIRECTION))
    kept, marks = list[str](), 0
    for character in composed:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        is_control = category == "Cc" and character not in "\n\t"
        if not is_control and category not in ("Cs", "Co") and marks <= MOST_MARKS:
            kept.append(character)
    return BLANK_LINES.sub("\n\n", "".join(kept)).strip()


def one_line(text: str) -> str:
    """The same in one line."""
    return " ".join(harmless(text).split())


def refuse_look_alikes(address: str) -> None:
    """Raise ValidationError for letters beyond ASCII in an e-mail address: some look exactly like others, and no two
    people's addresses may look alike."""
    odd = next((letter for letter in address if not letter.isascii()), "")
    if odd and odd.isprintable():
        raise ValidationError(f"“{odd}” only looks like a letter of an e-mail address. Please type the address anew.")


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing of it."""
    return UNSEEN.fullmatch(text) is not None


def words_in(text: str) -> list[str]:
    """Its words, without what stands between them."""
    return WORD.findall(text)
