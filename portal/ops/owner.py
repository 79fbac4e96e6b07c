"""Whose the data is: what another user writes there, the site can neither read nor replace afterwards."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings


def wrong_user() -> str:
    """Why this user must not work on DATA_DIR, as a sentence; "" where it is theirs, or is not there yet."""
    if not hasattr(os, "geteuid"):
        return ""
    folder = Path(settings.DATA_DIR)
    try:
        owner = folder.stat().st_uid
    except FileNotFoundError:
        return ""
    if owner == os.geteuid():
        return ""
    return f"{folder} belongs to the user {_name(owner)}, and you are {_name(os.geteuid())}: run this as its owner."


def _name(number: int) -> str:
    import pwd  # noqa: PLC0415 -- is only where there are such users

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
