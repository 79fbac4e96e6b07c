"""Languages by their tags after BCP 47, in small letters, and what they are called in English."""

from __future__ import annotations

from django.conf import global_settings

# Those that Django has names for, which are more than a hundred.
NAMES = {code: str(name) for code, name in global_settings.LANGUAGES}


def choices() -> list[tuple[str, str]]:
    """For a field, by name."""
    return [("", "As the file says"), *sorted(NAMES.items(), key=lambda each: each[1])]


def name_of(code: str) -> str:
    """The language's name; that of the language alone where its variety has none; "" where neither has one."""
    tag = code.lower()
    return NAMES.get(tag) or NAMES.get(tag.partition("-")[0], "")
