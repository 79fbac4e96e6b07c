"""Words as the search has them: in small letters without accents, split at whatever stands between them.

The same is done to what is indexed and to what is asked. A code such as “CT-2026/14” is three words in a row on both
sides, and so is found as it is written.
"""

from __future__ import annotations

import re
import unicodedata

from portal.search.stems import stem, stems

LONGEST = 64  # letters of one word; more are cut off on both sides
COMMON = frozenset(
    "a an and are as at be been but by can did do does for from had has have he her his how i if in into is it its may "  # noqa: SIM905 -- a line for each word reads worse
    "my no not of on or our she so than that the their them then there these they this those to up was we were what "
    "when where which who whom why will with would you your".split()
)  # fmt: skip
# Chinese and Japanese are written without blanks: each sign is a word, and what was typed in a row is a phrase.
_SIGN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
WORD = re.compile(rf"[{_SIGN}]|[^\W_{_SIGN}]+")
# The same where there are no other letters: with blanks for all the rest, in a sixth of the time.
_BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}
_HYPHENS = re.compile("-(?:\r?\n)+")
# From a run's first letter on and without going back: else a long run is looked through from each of its letters.
COMPOUND = re.compile(r"(?<![^\W\d_])[^\W\d_]++(?:-[^\W\d_]++)++")
_UNSEEN = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u3099\u309a\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_APOSTROPHE = re.compile("'(?<=[^\\W_]')(?:s(?![^\\W_])|(?=[^\\W_]))")
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŧ": "t"}
    | dict.fromkeys("\u2019\u02bc", "'")
    | dict.fromkeys("\u2010\u2011", "-")
)


def folded(text: str) -> str:
    """In small letters, without accents, invisible characters and the apostrophes inside words."""
    if text.isascii():
        text = text.lower()
    else:
        text = _UNSEEN.sub("", unicodedata.normalize("NFKD", text)).casefold().translate(_LETTERS)
    return _APOSTROPHE.sub("", text) if "'" in text else text


def words_of(text: str) -> list[str]:
    """Folded, as they were written otherwise."""
    return _words_in(folded(text))


def _words_in(plain: str) -> list[str]:
    found = plain.translate(_BLANKS).split() if plain.isascii() else WORD.findall(plain)
    return [word[:LONGEST] for word in found] if max(map(len, found), default=0) > LONGEST else found


def stems_of(text: str) -> list[str]:
    return stems(words_of(text))


def stems_and_joined(text: str) -> tuple[list[str], set[str]]:
    """Beside the stems of all words those of compounds without their hyphens, also of words that a line's end has cut:
    “counter-terrorism” is found as “counterterrorism” too."""
    plain = folded(text)
    joined: set[str] = set()
    if "-" in plain:
        for part in _HYPHENS.sub("-", plain).split():
            if "-" in part:
                joined.update(map(joined_of, COMPOUND.findall(part)))
    return stems(_words_in(plain)), joined


def joined_of(compound: str) -> str:
    """The stem of a folded compound without its hyphens."""
    return stem(compound.replace("-", "")[:LONGEST])


def skeleton(word: str) -> str:
    """What is left of a folded word when its sounds are taken for each other: words that are easily mistaken for one
    another have the same."""
    letters = word.replace("ph", "f").replace("ck", "k").translate(_SOUNDS)
    first = letters[:1]
    rest = re.sub(r"[aeiouyhw]", "", letters[1:] if first not in "aeiouyhw" else letters)
    bones = re.sub(r"(.)\1+", r"\1", (first if first not in "aeiouyhw" else "") + rest)
    return bones if len(bones) > 1 else ""


_SOUNDS = str.maketrans("cqzxdgb", "kksstkp")


# --- Finding words again in the text itself -----------------------------------------------------------------------
class _OneForOne(dict[int, str]):
    """Each character's plain letter where that is one too, so that places in the text stay the same."""

    def __missing__(self, code: int) -> str:
        plain = folded(chr(code))
        self[code] = plain if len(plain) == 1 else chr(code)
        return self[code]


_plain = _OneForOne()


def in_place(text: str) -> str:
    """The text folded as far as every character stays where it is."""
    return text.lower() if text.isascii() else text.translate(_plain)
