"""Pieces of pages that are rendered once for the same values.

Which things stand on a page is asked anew for each reader; this knows only how a thing with such values looks. All
that a piece is made of is its key, so that nothing is ever to be forgotten: what has changed has other values, and is
another piece.
"""

from __future__ import annotations

import dataclasses
import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

MOST = 2_000  # of 1 KB, some of 5
# A model instance is the same as another one whose row has changed since, and text that was marked safe is the same as
# text that was not.
PLAIN = (str, int, bool, type(None), datetime.date, datetime.datetime, UUID)


def piece(template: str, **values: Any) -> SafeString:
    """The template, which gets these values and nothing else: plain ones, or frozen dataclasses and tuples of them."""
    # Moments are told by the reader's clock, which is another one in the administration's previews.
    key = template, get_language(), timezone.get_current_timezone_name(), tuple(values.items())
    return _rendered(*key) if not settings.DEBUG else _rendered.__wrapped__(*key)


@lru_cache(maxsize=MOST)
def _rendered(template: str, _language: str, _zone: str, values: tuple[tuple[str, Any], ...]) -> SafeString:
    _refuse_what_is_not_plain(values)
    return mark_safe(get_template(template).render(dict(values)))  # noqa: S308 -- a template's own


def _refuse_what_is_not_plain(value: Any) -> None:
    if dataclasses.is_dataclass(value) and type(value).__hash__ is not None:
        value = tuple(getattr(value, field.name) for field in dataclasses.fields(value))
    if type(value) is tuple:
        for each in value:
            _refuse_what_is_not_plain(each)
    elif type(value) not in PLAIN:
        raise TypeError(f"{value!r} is no plain value, from which a piece of a page could be kept.")
