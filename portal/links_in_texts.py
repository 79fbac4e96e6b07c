"""The links of a rich text, as Wagtail keeps them, and whether an address can lead anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlsplit


@dataclass
class Link:
    """A link and its words. `kind` is `page` or `document`, with the key of one, or "" for an address."""

    kind: str
    target: str
    words: str = ""


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Link] = []
        self._open: Link | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            given = {name: value or "" for name, value in attrs}
            kind = given.get("linktype", "")
            self._open = Link(kind, given.get("id", "") if kind else given.get("href", ""))
            self.found.append(self._open)

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._open = None


def links_in(source: str) -> list[Link]:
    """The links of a text, in order."""
    reader = _Links()
    reader.feed(source)
    reader.close()
    return reader.found


def leads_somewhere(address: str, anchors: set[str]) -> bool:
    """Whether a browser could follow this address from a page with these places. Nothing is fetched."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        return bool(host)
    if parts.scheme == "mailto":
        return "@" in parts.path
    if parts.scheme == "tel":
        return any(character.isdigit() for character in parts.path)
    if parts.scheme:
        return False
    return bool(host) or parts.path.startswith("/") or (not parts.path and parts.fragment in anchors)
