"""How one variable is understood, and how the start is stopped where it cannot be."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn, TypeVar

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


def stop(sentence: str) -> NoReturn:
    """End the start with one sentence and no traceback: the reader is an operator."""
    sys.exit(f"Gatehouse cannot start: {sentence}")


def one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        stop(f"{name} is “{value}”, but must be one of: {', '.join(allowed)}.")
    return value


def understood(name: str, read: Callable[[], T], wanted: str) -> T:
    """What `read` makes of a variable; where it makes nothing of it, the start stops. The value may hold a password,
    so that the sentence never repeats it."""
    try:
        return read()
    except (ImproperlyConfigured, ValueError, KeyError, TypeError):
        stop(f"{name} cannot be understood; it must be {wanted}.")


def switch(env: environ.Env, name: str, *, default: bool) -> bool:
    """Raises ValueError for anything but a plain yes or no: a slip must not open what should be closed."""
    words = {"on": True, "true": True, "1": True, "yes": True, "off": False, "false": False, "0": False, "no": False}
    said: str = env.str(name, default="").strip().lower()
    return words[said] if said else default
