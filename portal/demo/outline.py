"""Sections of a paper, and the small notation in which the demo's longer texts are written down.

A section begins with `## Heading`. `## Case: Heading`, `## Checklist: Heading` and `## Questions: Heading` make the
other kinds; `{since 2}` after the heading leaves the section out of earlier versions of the paper, and
`{topics crowds, radio}` lets chapters of the library follow it. Blocks are parted by empty lines: lines that begin with
`- ` are a list, lines that begin with `|` a table (`|= ` its caption, then its header), anything else a paragraph.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["text", "case", "checklist", "questions"]

_HEADING = re.compile(r"(?:(?P<kind>Case|Checklist|Questions): )?(?P<heading>[^{]+?)(?P<options>(?: \{[^}]*\})*)$")
_OPTION = re.compile(r"\{(\w+) ([^}]*)\}")


@dataclass(frozen=True)
class DemoTable:
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class DemoSection:
    """With `part`, a part of the paper begins before it, and `scene` stands across the top of that page."""

    heading: str
    paragraphs: tuple[str, ...]
    bullets: tuple[str, ...] = ()
    table: DemoTable | None = None
    kind: Kind = "text"
    since: int = 1
    topics: tuple[str, ...] = ()
    part: str = ""
    scene: str = ""


def sections(text: str) -> tuple[DemoSection, ...]:
    """The sections of a text in this module's notation; a `ValueError` where it is not kept."""
    parts = re.split(r"^## ", inspect.cleandoc(text), flags=re.MULTILINE)
    if parts[0].strip():
        raise ValueError(f"text before the first heading: {parts[0][:60]!r}")
    return tuple(_section(part) for part in parts[1:])


def _section(text: str) -> DemoSection:
    first, _, rest = text.partition("\n")
    match = _HEADING.match(first.strip())
    if match is None:
        raise ValueError(f"not a heading: {first!r}")
    options = dict(_OPTION.findall(match["options"]))
    kind = (match["kind"] or "text").lower()
    paragraphs: list[str] = []
    bullets: list[str] = []
    table: DemoTable | None = None
    for block in re.split(r"\n\s*\n", rest.strip()):
        if block.startswith("- "):
            bullets += [_joined(item) for item in re.split(r"^- ", block, flags=re.MULTILINE)[1:]]
        elif block.startswith("|"):
            table = _table(block)
        elif block:
            paragraphs.append(_joined(block))
    return DemoSection(
        heading=match["heading"],
        paragraphs=tuple(paragraphs),
        bullets=tuple(bullets),
        table=table,
        kind=next(known for known in get_args(Kind) if known == kind),
        since=int(options.get("since", "1")),
        topics=tuple(name.strip() for name in options.get("topics", "").split(",") if name.strip()),
    )


def _table(block: str) -> DemoTable:
    caption, *lines = (line.lstrip("|").strip() for line in block.splitlines())
    header, *rows = (tuple(cell.strip() for cell in line.split("|")) for line in lines)
    if any(len(row) != len(header) for row in rows):
        raise ValueError(f"a row of {caption!r} has not as many cells as its header")
    return DemoTable(caption.lstrip("= "), header, tuple(rows))


def _joined(text: str) -> str:
    return " ".join(text.split())
