"""When the last backup was made: `manage.py backup` leaves a word of it beside the data."""

from __future__ import annotations

import datetime
import json
import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

NOTE = "last_backup.json"
LATE_AFTER = datetime.timedelta(hours=26)  # a nightly one that has begun an hour late is not late yet


class Backup(NamedTuple):
    made_at: datetime.datetime
    size: int  # bytes


def note(size: int) -> None:
    """One of so many bytes was made just now. The word is replaced in one step."""
    said = json.dumps({"made_at": timezone.now().isoformat(), "bytes": size})
    folder = Path(settings.DATA_DIR)
    with tempfile.NamedTemporaryFile("w", dir=folder, prefix=NOTE, delete=False) as file:
        file.write(f"{said}\n")
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(folder / NOTE)


def last() -> Backup | None:
    """None where none is known. Raises ValueError when the word cannot be read."""
    try:
        said = json.loads((settings.DATA_DIR / NOTE).read_text())
    except FileNotFoundError:
        return None
    try:
        made_at = datetime.datetime.fromisoformat(said["made_at"])
        return Backup(made_at if made_at.tzinfo else made_at.replace(tzinfo=datetime.UTC), int(said["bytes"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"{NOTE} does not say when the last backup was made.") from error
