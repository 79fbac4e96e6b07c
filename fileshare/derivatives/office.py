"""The text of Office and OpenDocument files: zip archives of XML. Runs in the child of `derivatives.text`.

A page is what the file itself calls one: a slide, a sheet of a workbook, a page as the program last broke it.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from defusedxml.ElementTree import fromstring, iterparse

Facts = dict[str, str]
MOST_IN_A_PART = 200 * 1024**2  # bytes unpacked
CORE = {"title": "title", "creator": "author", "created": "dated", "language": "language"}
OPEN = {"title": "title", "initial-creator": "author", "creation-date": "dated", "language": "language"}


def _name(element: Any) -> str:
    """Without the name space, which no two of these need to be told apart by."""
    return str(element.tag).rpartition("}")[2]


def _attribute(element: Any, wanted: str) -> str:
    return next((value for name, value in element.attrib.items() if name.rpartition("}")[2] == wanted), "")


def _part(archive: zipfile.ZipFile, name: str) -> Any:
    if archive.getinfo(name).file_size > MOST_IN_A_PART:
        raise ValueError(f"{name} is too large")
    return archive.open(name)


def _elements(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, Any]]:
    """Each beginning and end of an element; none where there is no such part."""
    if name in archive.namelist():
        with _part(archive, name) as stream:
            yield from iterparse(stream, events=("start", "end"))


def _flow(archive: zipfile.ZipFile, name: str) -> list[str]:
    """The paragraphs of a part of Word or PowerPoint, cut where Word last broke its pages."""
    pages: list[list[str]] = [[]]
    for event, element in _elements(archive, name):
        kind = _name(element)
        if event == "start":
            continue
        if kind == "t":
            pages[-1].append(element.text or "")
        elif kind == "lastRenderedPageBreak":
            pages.append([])
        elif kind in ("tab", "br", "cr"):
            pages[-1].append("\t" if kind == "tab" else "\n")
        elif kind == "p":
            pages[-1].append("\n")
            element.clear()
    return ["".join(page) for page in pages]


def _linked(archive: zipfile.ZipFile, part: str, listed: str) -> list[str]:
    """The parts that `part` lists in elements of this name, in its order (slides, sheets)."""
    folder, file = posixpath.split(part)
    with _part(archive, f"{folder}/_rels/{file}.rels") as stream:
        targets = {_attribute(each, "Id"): _attribute(each, "Target") for each in fromstring(stream.read())}
    named = [element for event, element in _elements(archive, part) if event == "end" and _name(element) == listed]
    found = [targets.get(next((v for k, v in each.attrib.items() if k.endswith("}id")), ""), "") for each in named]
    return [posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/") for target in found if target]


def word(archive: zipfile.ZipFile) -> list[str]:
    pages = _flow(archive, "word/document.xml")
    notes = [text for part in ("footnotes", "endnotes") for text in _flow(archive, f"word/{part}.xml")]
    return [*pages[:-1], "\n".join([pages[-1], *notes])]


def slides(archive: zipfile.ZipFile) -> list[str]:
    return ["".join(_flow(archive, slide)) for slide in _linked(archive, "ppt/presentation.xml", "sldId")]


def workbook(archive: zipfile.ZipFile) -> list[str]:
    shared = _shared_strings(archive)
    return [_sheet(archive, sheet, shared) for sheet in _linked(archive, "xl/workbook.xml", "sheet")]


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    strings = []
    for event, element in _elements(archive, "xl/sharedStrings.xml"):
        if event == "end" and _name(element) == "si":
            strings.append("".join(each.text or "" for each in element.iter() if _name(each) == "t"))
            element.clear()
    return strings


def _sheet(archive: zipfile.ZipFile, name: str, shared: list[str]) -> str:
    """A line for each row; formulas by the value that was last reckoned."""
    rows = []
    for event, element in _elements(archive, name):
        if event == "end" and _name(element) == "row":
            rows.append("\t".join(filter(None, (_cell(cell, shared) for cell in element))))
            element.clear()
    return "\n".join(rows)


def _cell(cell: Any, shared: list[str]) -> str:
    text = "".join(each.text or "" for each in cell.iter() if _name(each) in ("v", "t"))
    if cell.get("t") == "s" and text.isdecimal():
        return shared[int(text)] if int(text) < len(shared) else ""
    return text


def opendocument(archive: zipfile.ZipFile, page: str) -> list[str]:
    """The paragraphs; a new page after each element `page`."""
    pages: list[list[str]] = [[]]
    inside = 0
    for event, element in _elements(archive, "content.xml"):
        kind = _name(element)
        if kind in ("p", "h"):
            inside += 1 if event == "start" else -1
            if event == "end" and inside == 0:  # a frame inside a paragraph has paragraphs of its own
                pages[-1].append("".join(_words(element)) + "\n")
                element.clear()
        elif event == "end" and kind == page:
            pages.append([])
    return ["".join(page) for page in (pages if pages[-1] or len(pages) == 1 else pages[:-1])]


def _words(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        kind = _name(child)
        yield {"tab": "\t", "s": " ", "line-break": "\n", "p": "\n"}.get(kind, "")
        yield from _words(child)
        yield child.tail or ""


TEXTS: dict[str, Callable[[zipfile.ZipFile], list[str]]] = {
    "docx": word,
    "pptx": slides,
    "xlsx": workbook,
    "odt": lambda archive: opendocument(archive, "soft-page-break"),
    "odp": lambda archive: opendocument(archive, "page"),
    "ods": lambda archive: opendocument(archive, "table"),
}


def facts(archive: zipfile.ZipFile, kind: str) -> Facts:
    """Title, author, date, language and the number of pages, as far as the file says."""
    found: Facts = {}
    part, wanted = ("meta.xml", OPEN) if kind.startswith("od") else ("docProps/core.xml", CORE)
    for event, element in _elements(archive, part):
        if event == "end" and (name := wanted.get(_name(element))):
            found[name] = element.text or ""
        if _name(element) == "document-statistic":
            found["count"] = _attribute(element, "page-count")
    for event, element in _elements(archive, "docProps/app.xml") if kind == "docx" else ():
        if event == "end" and _name(element) == "Pages":
            found["count"] = element.text or ""
    if kind == "pptx":
        found["count"] = str(len(_linked(archive, "ppt/presentation.xml", "sldId")))
    return found
