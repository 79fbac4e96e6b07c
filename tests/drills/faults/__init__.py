"""Parts of the site that are away, hang, only read, are full or talk nonsense: brought about, not made up, wherever the
machine can; else by a small server that says what the real one would.

Each fault is a context: what is done inside meets it. Whoever leaves finds everything as it was.
"""

from __future__ import annotations

AT_ONCE = 0.2  # seconds, instead of those of the settings


class NotHere(Exception):
    """This machine cannot have the fault."""
