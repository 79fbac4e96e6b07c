"""Passwords that anybody would try who knows the site and the person (OWASP ASVS 5.0, 6.2.11)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from wagtail.models import Site

from portal import freshness
from portal.models import SiteSettings

if TYPE_CHECKING:
    from members.models import User

SHORTEST_WORD = 4  # letters; shorter ones are in too many words to say anything
SHORTEST_REST = 8  # characters that must remain without the names, as many as a stranger could not guess
LOOK_ALIKES = str.maketrans("0134578@$!", "oleastbasi")
USUAL = ("gatehouse", "password", "passwort", "member", "members", "association", "welcome")
REFUSAL = (
    "This is little more than a name that belongs to the site or to you. Please add words that nobody connects with it."
)


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.casefold()))


def _site_words() -> list[str]:
    host = re.split(r"[^a-z]+", settings.BASE_URL.partition("://")[2].casefold())
    names = SiteSettings.objects.filter(site=Site.objects.filter(is_default_site=True).first())
    words = " ".join(names.values_list("organisation_name", flat=True)).casefold()
    return [*USUAL, *host, _letters(words), *re.findall(r"\w+", words), _initials(words)]


def _initials(words: str) -> str:
    return "".join(word[0] for word in re.findall(r"\w+", words))


def _words(user: User | None) -> set[str]:
    found = list(freshness.kept("words of the site for passwords", _site_words))
    if user is not None:
        found += re.split(r"[^\w]+|_", f"{user.first_name} {user.last_name} {user.email}".casefold())
    return {_letters(word) for word in found if len(_letters(word)) >= SHORTEST_WORD}


def _place_of(word: str, text: str) -> int:
    """Where the word begins, also spelled as “g4teh0use”; -1 where it is not."""
    return max(text.find(word), text.translate(LOOK_ALIKES).find(word))


class ContextWordsValidator:
    """Refuses a password of which little remains without the names of the site and of the person.

    A long sentence may hold any of them: it is what else it holds that counts.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        rest, found = password.casefold(), False
        for word in sorted(_words(user), key=len, reverse=True):
            while (place := _place_of(word, rest)) >= 0:
                rest, found = rest[:place] + rest[place + len(word) :], True
        if found and len(re.sub(r"[\W\d_]+", "", rest)) < SHORTEST_REST:
            raise ValidationError(REFUSAL, code="password_of_names")

    def get_help_text(self) -> str:
        return "Your name and the site’s are easy to guess, and not enough by themselves."
