"""What is left in a file that might be somebody's copy: words among its facts, and the text of its pages."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fileshare.inspection import child

SECONDS = 60
MEMORY = 1024**3  # bytes
MOST = 20_000_000  # characters of text


@dataclass(frozen=True)
class Remnants:
    facts: tuple[str, ...]
    pages: tuple[str, ...]


def make(path: str | Path) -> Remnants:
    """Those of a file, a PDF or any other. Raises child.Defeated."""
    found = child.run(__name__, str(path), seconds=SECONDS)
    return Remnants(tuple(found["facts"]), tuple(found["pages"]))


# --- In the child -----------------------------------------------------------------------------------------------
def look(path: str) -> dict[str, list[str]]:
    try:
        return _in_pdf(path)
    except Exception:  # noqa: BLE001 -- no PDF, or one that is broken: its bytes may still say something
        with Path(path).open("rb") as file:
            return {"facts": [], "pages": [file.read(MOST).decode("utf-8", "ignore")]}


def _in_pdf(path: str) -> dict[str, list[str]]:
    import pypdfium2  # noqa: PLC0415 -- heavy, and wanted in the child alone

    document = pypdfium2.PdfDocument(path)
    facts = [*document.get_metadata_dict().values(), _own_fact(path)]
    pages: list[str] = []
    left = MOST
    for number in range(len(document)):
        pages.append(_text(document, number)[: max(left, 0)])
        left -= len(pages[-1])
    return {"facts": [each for each in facts if each], "pages": pages}


def _own_fact(path: str) -> str:
    import pikepdf  # noqa: PLC0415 -- as above

    from fileshare.derivatives.stamp import MARK  # noqa: PLC0415 -- as above

    try:
        with pikepdf.open(path) as pdf:
            return str(pdf.docinfo.get(f"/{MARK}", ""))
    except Exception:  # noqa: BLE001 -- PDFium reads more broken files than qpdf does
        return ""


def _text(document: Any, number: int) -> str:
    page = document[number]
    try:
        return str(page.get_textpage().get_text_bounded())
    finally:
        page.close()


if __name__ == "__main__":
    child.answer(lambda: look(sys.argv[1]), seconds=SECONDS, memory=MEMORY)
