"""How the table is read, and an answer put into its words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection

# These ask the policy in the same words as the routes that are asked on each database.
asked_once = pytest.mark.skipif(
    connection.vendor == "postgresql", reason="takes long, and asks the policy as other routes do: run on SQLite"
)


def read(table: str) -> list[tuple[str, str, str]]:
    """(person, state, word) for each cell."""
    head, *rows = table.strip("\n").splitlines()
    people = head.split()
    cells = []
    for row in rows:
        state, words = row[:30].strip(), row[30:].split()
        assert len(words) == len(people), row
        cells += [(person, state, word) for person, word in zip(people, words, strict=True)]
    return cells


def word_for(response: Any) -> str:
    """The table's word for an answer; anything unexpected is shown as it is."""
    if response.status_code == 302 and response["Location"].startswith("/account/login/?next=/"):
        return "in"
    return {200: "ok", 206: "ok", 404: "-", 403: "no", 410: "gone"}.get(response.status_code) or (
        f"{response.status_code} {response.get('Location', '')}"
    )


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def wrong_cells(table: str, ask: Any, states: tuple[str, ...] = ()) -> list[str]:
    """The cells (of some states) where the site says something else."""
    cells = [cell for cell in read(table) if not states or cell[1] in states]
    said = [(person, state, word, ask(person, state)) for person, state, word in cells]
    return [f"{person} × {state}: {word} wanted, {got} got" for person, state, word, got in said if word != got]


def titles_in(text: str) -> set[str]:
    return set(re.findall(r"Paper \(([^)]*)\)", text))
