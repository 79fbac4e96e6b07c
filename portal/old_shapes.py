"""Bodies that were written for other blocks than today's: whatever no longer fits is shown as the words in it.

Wagtail leaves out blocks that it does not know and stumbles over values of another kind. Either way the next saving
would lose what somebody wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.utils.html import format_html_join, strip_tags
from wagtail import blocks
from wagtail.contrib.table_block.blocks import TableBlock

NO_WORDS = {"id", "type"}


def legible(stored: Any, body: blocks.StreamBlock) -> list[dict[str, Any]]:
    """What is stored, as blocks that this body has. One that has neither the shape nor any word is left out."""
    children = stored if isinstance(stored, list) else [stored]
    fitting = (child if _fits_body(body, child) else _as_text(child) for child in children)
    return [child for child in fitting if child is not None]


def _fits_body(body: blocks.StreamBlock, child: Any) -> bool:
    kind = child.get("type") if isinstance(child, dict) else None
    block = body.child_blocks.get(kind) if isinstance(kind, str) else None
    return block is not None and "value" in child and _fits(block, child["value"])


def _fits(block: blocks.Block, value: Any) -> bool:
    """Whether the value has the form in which Wagtail stores this block."""
    if isinstance(block, blocks.StaticBlock):
        return True
    if isinstance(block, blocks.StructBlock):
        parts = block.child_blocks.items()
        return isinstance(value, dict) and all(_part_fits(part, name, value) for name, part in parts)
    if isinstance(block, blocks.ListBlock):
        return isinstance(value, list) and all(_fits(block.child_block, _item(each)) for each in value)
    if isinstance(block, TableBlock):
        return value is None or (isinstance(value, dict) and _is_table(value.get("data") or []))
    if isinstance(block, blocks.ChooserBlock):
        return value is None or isinstance(value, int)
    return isinstance(value, str)


def _part_fits(part: blocks.Block, name: str, value: dict[str, Any]) -> bool:
    """A part that came later is missing, which only one that must be filled in cannot be."""
    return _fits(part, value[name]) if name in value else not part.required or part.get_default() is not None


def _item(listed: Any) -> Any:
    """A list's items are kept with their number, or plain as long ago."""
    return listed["value"] if isinstance(listed, dict) and listed.keys() >= {"type", "value", "id"} else listed


def _is_table(rows: Any) -> bool:
    return isinstance(rows, list) and all(
        isinstance(row, list) and all(cell is None or isinstance(cell, str) for cell in row) for row in rows
    )


def _as_text(child: Any) -> dict[str, Any] | None:
    """A paragraph for each text, in a block that keeps the number of the one it stands for."""
    words = format_html_join("", "<p>{}</p>", ((each,) for each in _words(child)))
    number = child.get("id") if isinstance(child, dict) else None
    return {"type": "text", "value": words, "id": number} if words else None


def _words(value: Any) -> Iterator[str]:
    """The texts in a value, in their order, without markup."""
    if isinstance(value, str) and (words := _without_markup(value).strip()):
        yield words
    inside = value if isinstance(value, list) else []
    if isinstance(value, dict):
        inside = [each for name, each in value.items() if name not in NO_WORDS]
    for each in inside:
        yield from _words(each)


def _without_markup(text: str) -> str:
    """What only begins like markup again and again, which Django refuses to read, stays: the page has to open."""
    try:
        return strip_tags(text)
    except SuspiciousOperation:
        return text
