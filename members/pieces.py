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

MOST = 2_000  # of 5 KB with their keys, long comments of 25
FEW = 100  # of 25 KB, and of 350 where there are 300 folders; each count that changes makes another one
# A model instance is the same as another one whose row has changed since, and text that was marked safe is the same as
# text that was not.
PLAIN = (str, int, bool, type(None), datetime.date, datetime.datetime, UUID)


def piece(template: str, **values: Any) -> SafeString:
    """The template, which gets these values and nothing else: plain ones, or frozen dataclasses and tuples of them."""
    return _kept(_rendered, template, values)


def large_piece(template: str, **values: Any) -> SafeString:
    """The same, of which few are kept: among the others they would take all the room, since they change most."""
    return _kept(_rendered_large, template, values)


def _kept(rendered: Any, template: str, values: dict[str, Any]) -> SafeString:
    # Moments are told by the reader's clock, which is another one in the administration's previews.
    key = template, get_language(), timezone.get_current_timezone_name(), tuple(values.items())
    shown: SafeString = (rendered.__wrapped__ if settings.DEBUG else rendered)(*key)
    return shown


@lru_cache(maxsize=MOST)
def _rendered(template: str, _language: str, _zone: str, values: tuple[tuple[str, Any], ...]) -> SafeString:
    _refuse_what_is_not_plain(values)
    return mark_safe(get_template(template).render(dict(values)))  # noqa: S308 -- a template's own


_rendered_large = lru_cache(maxsize=FEW)(_rendered.__wrapped__)


def _refuse_what_is_not_plain(value: Any) -> None:
    if dataclasses.is_dataclass(value) and type(value).__hash__ is not None:
        value = tuple(getattr(value, field.name) for field in dataclasses.fields(value))
    if type(value) is tuple:
        for each in value:
            _refuse_what_is_not_plain(each)
    elif type(value) not in PLAIN:
        raise TypeError(f"{value!r} is no plain value, from which a piece of a page could be kept.")
