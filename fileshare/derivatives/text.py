"""The text of a file page by page, and what the file says of itself: title, author, date, language, pages."""

from __future__ import annotations

import datetime
import re
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fileshare.inspection import child

OFFICE = frozenset({"docx", "pptx", "xlsx", "odt", "odp", "ods"})
KINDS = OFFICE | {"pdf", "txt", "csv"}
SECONDS, ENOUGH = 30, 20  # the child's limit; after so many seconds it contents itself with the pages it has
SECONDS_FOR_FACTS = 5  # while a person waits
MEMORY = 1024**3  # bytes
MOST_PAGES, MOST_ON_A_PAGE, MOST_IN_ALL = 20_000, 500_000, 20_000_000  # the last two in characters
LONGEST_FACT = 255
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_DATE = re.compile(r"(?:D:)?(\d{4})-?(\d\d)-?(\d\d)")


@dataclass(frozen=True)
class Text:
    """`pages` in order; `count` is how many the paper has where the file knows; `cut` when some are missing here."""

    pages: tuple[str, ...] = ()
    count: int | None = None
    cut: bool = False
    title: str = ""
    author: str = ""
    dated: datetime.date | None = None
    language: str = ""


def make(path: str | Path, kind: str) -> Text:
    """The text of a file of one of KINDS. Raises child.Defeated."""
    return _understood(child.run(__name__, str(path), kind, "all", seconds=SECONDS))


def facts(path: str | Path, kind: str) -> Text:
    """The same without the text, which is a matter of a moment. Raises child.Defeated."""
    return _understood(child.run(__name__, str(path), kind, "facts", seconds=SECONDS_FOR_FACTS))


def _understood(said: Any) -> Text:
    facts, count = said["facts"], str(said["facts"].get("count", ""))
    return Text(
        pages=tuple(said["pages"]),
        count=int(count) if count.isdecimal() and 0 < int(count) <= 1_000_000 else None,
        cut=bool(said["cut"]),
        title=_fact(facts.get("title")),
        author=_fact(facts.get("author")),
        dated=_date(facts.get("dated")),
        language=_language(facts.get("language")),
    )


def _fact(said: str | None) -> str:
    return " ".join((said or "").split())[:LONGEST_FACT]


def _language(said: str | None) -> str:
    """A tag after BCP 47, in small letters; anything else is none."""
    tag = (said or "").strip()
    return tag.lower() if len(tag) <= 35 and _LANGUAGE.fullmatch(tag) else ""


def _date(said: str | None) -> datetime.date | None:
    match = _DATE.match((said or "").strip())
    try:
        return datetime.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def clean(text: str) -> str:
    """Without what no database and no page can hold; lines end as on this machine."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


# --- In the child -----------------------------------------------------------------------------------------------
def _pdf(path: str) -> tuple[Iterator[str], dict[str, str]]:
    import pypdfium2  # noqa: PLC0415 -- heavy, and wanted in the child alone

    document = pypdfium2.PdfDocument(path)
    told = document.get_metadata_dict()
    facts = {
        "title": told.get("Title", ""),
        "author": told.get("Author", ""),
        "dated": told.get("CreationDate", ""),
        "language": _language_of_pdf(document),
        "count": str(len(document)),
    }
    return (_text_of_page(document, number) for number in range(len(document))), facts


def _text_of_page(document: Any, number: int) -> str:
    page = document[number]
    try:
        return str(page.get_textpage().get_text_bounded())
    finally:
        page.close()  # with what was opened of it, so that a long paper takes no more memory than a short one


def _language_of_pdf(document: Any) -> str:
    import ctypes  # noqa: PLC0415 -- in the child alone

    from pypdfium2 import raw  # noqa: PLC0415 -- as above

    length = raw.FPDFCatalog_GetLanguage(document, None, 0)
    if length <= 2:
        return ""
    buffer = ctypes.create_string_buffer(length)
    raw.FPDFCatalog_GetLanguage(document, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), length)
    return buffer.raw[: length - 2].decode("utf-16-le", "ignore")


def _office(path: str, kind: str, wanted: str) -> tuple[Iterator[str], dict[str, str]]:
    from fileshare.derivatives import office  # noqa: PLC0415 -- wanted in the child alone

    with zipfile.ZipFile(path) as archive:
        return iter(office.TEXTS[kind](archive) if wanted == "all" else ()), office.facts(archive, kind)


def _plain(path: str) -> tuple[Iterator[str], dict[str, str]]:
    with Path(path).open("rb") as file:
        start = file.read(4 * MOST_IN_ALL)
    try:
        text = start.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = start.decode("cp1252", "replace")  # as `inspection.formats` lets them in
    return iter(text.split("\f")), {}


def _read(path: str, kind: str, wanted: str) -> dict[str, Any]:
    if kind == "pdf":
        texts, facts = _pdf(path)
    else:
        texts, facts = _office(path, kind, wanted) if kind in OFFICE else _plain(path)
    pages: list[str] = []
    cut, left, started = False, MOST_IN_ALL, time.process_time()
    for text in texts if wanted == "all" else ():
        if len(pages) >= MOST_PAGES or left <= 0 or time.process_time() - started > ENOUGH:
            cut = True
            break
        room = min(MOST_ON_A_PAGE, left)
        cut = cut or len(text) > room
        pages.append(clean(text[:room]))
        left -= room if len(text) > room else len(text)
    return {"pages": pages, "cut": cut, "facts": {name: clean(fact or "") for name, fact in facts.items()}}


if __name__ == "__main__":
    child.answer(lambda: _read(*sys.argv[1:]), seconds=SECONDS, memory=MEMORY)
