"""A key that people copy by eye."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def in_fours(key: str) -> str:
    """“ABCDEFGH” as “ABCD EFGH”: easier to follow, and it wraps on a narrow screen. Apps pass over the blanks."""
    return " ".join(key[place : place + 4] for place in range(0, len(key), 4))
