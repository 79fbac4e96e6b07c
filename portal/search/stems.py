"""The stem of an English word, in British or American spelling.

After M. F. Porter's second algorithm for English (https://snowballstem.org/algorithms/english/stemmer.html). What is
spelt in two ways is first brought to one: “organise” and “organize”, “harbour” and “harbor”, “centre” and “center”.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

KNOWN = 200_000  # words whose stems a process remembers
_SPELLINGS = tuple(
    (re.compile(pattern), by)
    for pattern, by in (
        (r"(?<=[a-z])([iy])s(?=(?:e|es|ed|er|ers|ing|ings|ation|ations)$)", r"\1z"),
        (r"(?<=[a-z]{4})is(?=(?:able|ability)$)", "iz"),
        (r"^(arm|behavi|col|endeav|fav|flav|harb|hon|hum|lab|neighb|rig|rum|savi|splend|tum|val|vap)our", r"\1or"),
        (r"^(calib|cent|fib|kilomet|lit|lust|met|millimet|theat)re(?=(?:s|d)?$)", r"\1er"),
        (r"^(def|lic|off|pret)ence(?=s?$)", r"\1ense"),
        (r"^practi[csz]", "practic"),
        (r"^(anal|cat|dial|monol|prol)ogue(?=s?$)", r"\1og"),
        (r"^programme(?=s?$)", "program"),
        (r"^(acknowledg|judg)ement", r"\1ment"),
        (r"^gr[ae]y(?=(?:s|er|est)?$)", "grey"),
    )
)  # fmt: skip
_ODD = {
    "skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl", "gently": "gentl",
    "ugly": "ugli", "early": "earli", "only": "onli", "singly": "singl",
}  # fmt: skip
_UNCHANGED = frozenset({"sky", "news", "howe", "atlas", "cosmos", "bias", "andes"})
_UNCHANGED_BELOW = frozenset({"inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"})
_REGION = re.compile(r"[aeiouy][^aeiouy]")
_PREFIX = re.compile(r"^(?:gener|commun|arsen)")
_VOWEL = re.compile(r"[aeiouy]")
_SHORT_END = re.compile(r"(?:[^aeiouy][aeiouy][^aeiouywxY]|^[aeiouy][^aeiouy])$")
_SECOND = (
    ("ational", "ate"), ("fulness", "ful"), ("iveness", "ive"), ("ization", "ize"), ("ousness", "ous"),
    ("biliti", "ble"), ("lessli", "less"), ("tional", "tion"), ("alism", "al"), ("aliti", "al"), ("ation", "ate"),
    ("entli", "ent"), ("fulli", "ful"), ("iviti", "ive"), ("ousli", "ous"), ("abli", "able"), ("alli", "al"),
    ("anci", "ance"), ("ator", "ate"), ("enci", "ence"), ("izer", "ize"), ("bli", "ble"), ("ogi", "og"), ("li", ""),
)  # fmt: skip
_THIRD = (
    ("ational", "ate"), ("tional", "tion"), ("alize", "al"), ("ative", ""), ("icate", "ic"), ("iciti", "ic"),
    ("ical", "ic"), ("ness", ""), ("ful", ""),
)  # fmt: skip
_FOURTH = (
    "ement", "able", "ance", "ence", "ible", "ment", "ant", "ate", "ent", "ion", "ism", "iti", "ive", "ize", "ous",
    "al", "er", "ic",
)  # fmt: skip


class _Stems(dict[str, str]):
    """By word. A dictionary, which answers in a third of the time of a function that remembers."""

    def __missing__(self, word: str) -> str:
        if len(self) >= KNOWN:
            self.clear()
        self[word] = found = _stem_of(word)
        return found


_stems = _Stems()


def stem(word: str) -> str:
    """The stem of a word that is folded already; a word of other letters than English ones is its own."""
    return _stems[word]


def stems(words: Iterable[str]) -> list[str]:
    return list(map(_stems.__getitem__, words))


def _stem_of(word: str) -> str:
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return word
    for pattern, by in _SPELLINGS:
        word = pattern.sub(by, word)
    if word in _UNCHANGED:
        return word
    if word in _ODD:
        return _ODD[word]
    return _stemmed(word)


def _stemmed(word: str) -> str:
    word = re.sub(r"(?<=[aeiouy])y", "Y", "Y" + word[1:] if word[0] == "y" else word)
    prefix = _PREFIX.match(word)
    first = prefix.end() if prefix else _after(word, 0)
    second = _after(word, first)
    word = _plural(word)
    if word in _UNCHANGED_BELOW:
        return word
    word = _past(word, first)
    if len(word) > 2 and word[-1] in "yY" and word[-2] not in "aeiouy":
        word = word[:-1] + "i"
    word = _fourth(_third(_second(word, first), first, second), second)
    return _last(word, first, second).lower()


def _after(word: str, start: int) -> int:
    """Where the region begins that follows the first consonant after a vowel (the algorithm's R1 and R2)."""
    found = _REGION.search(word, start)
    return found.end() if found else len(word)


def _plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith(("ied", "ies")):
        return word[:-2] if len(word) > 4 else word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")) and _VOWEL.search(word[:-2]):
        return word[:-1]
    return word


def _past(word: str, first: int) -> str:
    for ending in ("eedly", "eed"):
        if word.endswith(ending):
            return word[: -len(ending)] + "ee" if len(word) - len(ending) >= first else word
    ending = next((each for each in ("ingly", "edly", "ing", "ed") if word.endswith(each)), "")
    left = word.removesuffix(ending)
    if not ending or not _VOWEL.search(left):
        return word
    if left.endswith(("at", "bl", "iz")):
        return left + "e"
    if left[-2:] in ("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt"):
        return left[:-1]
    return left + "e" if first >= len(left) and _SHORT_END.search(left) else left


def _second(word: str, first: int) -> str:
    for ending, by in _SECOND:
        if word.endswith(ending):
            left = word[: -len(ending)]
            fits = {"ogi": left.endswith("l"), "li": left[-1:] in tuple("cdeghkmnrt")}.get(ending, True)
            return left + by if len(left) >= first and fits else word
    return word


def _third(word: str, first: int, second: int) -> str:
    for ending, by in _THIRD:
        if word.endswith(ending):
            left = word[: -len(ending)]
            return left + by if len(left) >= (second if ending == "ative" else first) else word
    return word


def _fourth(word: str, second: int) -> str:
    for ending in _FOURTH:
        if word.endswith(ending):
            left = word[: -len(ending)]
            return left if len(left) >= second and (ending != "ion" or left[-1:] in ("s", "t")) else word
    return word


def _last(word: str, first: int, second: int) -> str:
    left = word[:-1]
    if word.endswith("e") and (len(left) >= second or (len(left) >= first and not _SHORT_END.search(left))):
        return left
    if word.endswith("ll") and len(left) >= second:
        return left
    return word
