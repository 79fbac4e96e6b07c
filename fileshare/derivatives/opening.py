"""What a reader page wants first of a long PDF, in one piece: the list of its pages, and all of the first page.

pdf.js looks at the description of every page before it shows one, and then at the first page's text, letters and
pictures; in most files these lie scattered over the whole length, so that most of it would be fetched. An opening is
the beginning of another file with the same content: there the catalogue, the pages' descriptions and the first page's
objects come first, packed (object streams, ISO 32000-2, 7.5.7), and then a list of where every object lies (7.5.8),
which finds all others in the old file's bytes, moved back by the opening's length. That file is written for a trial
alone: the reader page puts it together of the opening and of ranges of the stored file (static/js/reader/source.js).
"""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from fileshare.inspection import child

if TYPE_CHECKING:
    import pikepdf

    Key = tuple[int, int]  # an object's number and generation

SECONDS = 20
MEMORY = 1024**3  # bytes
LEAST, MOST = 200_000, 500_000_000  # bytes of a file; a smaller one comes as quickly whole
MOST_OF_PAGE, MOST_IN_ALL = 300_000, 1_000_000  # bytes of the first page's streams, and of an opening
MOST_OBJECTS = 20_000  # that are looked at
STEP = 65_536  # bytes: pdf.js asks for multiples, so that the old file begins at one
PACKED = 200  # objects that are packed together
WIDTHS = (1, 6, 2)  # bytes of a line in the list of objects: its kind, where it lies, its generation or place
TAIL = 64  # bytes at the end of an opening, which are also the end of the file


def make(path: str | Path, *, most: int | None = None, seconds: int = SECONDS) -> bytes:
    """The opening of a PDF of so many bytes `most`; empty where it would not help or cannot be made. Raises
    child.Defeated, and OSError."""
    if not LEAST <= Path(path).stat().st_size <= (most or MOST):
        return b""
    return base64.b64decode(child.run(__name__, str(path), seconds=seconds))


# --- In the child -----------------------------------------------------------------------------------------------
def build(path: str) -> bytes:
    """The opening, tried; empty where the file is protected, or was mended by the parser, which guesses. Raises
    whatever the parsers raise."""
    import pikepdf  # noqa: PLC0415 -- heavy, and wanted in the child alone

    with Path(path).open("rb") as file:
        if not file.read(5).startswith(b"%PDF-"):
            return b""
    with pikepdf.open(path) as pdf:
        first = _wanted(pdf)
        table = pdf.get_xref_table()
        if pdf.is_encrypted or pdf.get_warnings() or len(first) > MOST_OBJECTS or pdf.Root.objgen[1]:
            return b""
        opening = _Opening(pdf, first, table).written()
    return opening if len(opening) <= MOST_IN_ALL and _is_as_good(path, opening) else b""


def _wanted(pdf: pikepdf.Pdf) -> dict[Key, Any]:
    """The objects of an opening: the catalogue, the pages and what lies between, then what the first page needs."""
    found: dict[Key, Any] = {pdf.Root.objgen: pdf.Root}
    nodes: list[Any] = [pdf.Root.get("/Pages")]
    while nodes and len(found) <= MOST_OBJECTS:
        node = nodes.pop()
        if node.is_indirect and node.objgen not in found:
            found[node.objgen] = node
            nodes.extend(node.get("/Kids", ()))
    waiting = list(_inside(pdf.pages[0].obj, skipped=("/Parent", "/B", "/StructParents")))
    waiting += _inside(pdf.Root.get("/OCProperties", None))
    room = MOST_OF_PAGE
    for thing in waiting:  # which grows
        if len(found) > MOST_OBJECTS:
            break
        if thing.objgen in found or _is_page(thing):
            continue
        length = _length(thing)
        if length > room:
            continue
        room -= length
        found[thing.objgen] = thing
        waiting += _inside(thing, skipped=("/Parent", "/P", "/Dest", "/D", "/Popup", "/IRT", "/StructParent"))
    return {key: thing for key, thing in found.items() if key[0] and not key[1]}


def _inside(thing: Any, *, skipped: tuple[str, ...] = ()) -> Iterator[Any]:
    """The objects that one refers to, however deep in itself; itself where it is one."""
    import pikepdf  # noqa: PLC0415 -- as above

    if isinstance(thing, pikepdf.Stream):
        thing = thing.stream_dict
    if isinstance(thing, pikepdf.Dictionary):
        values = [value for key, value in thing.items() if key not in skipped]
    else:
        values = list(thing) if isinstance(thing, pikepdf.Array) else []  # type: ignore[call-overload]  # it iterates
    for value in values:
        if not isinstance(value, pikepdf.Object):
            continue
        if value.is_indirect:
            yield value
        else:
            yield from _inside(value, skipped=skipped)


def _is_page(thing: Any) -> bool:
    import pikepdf  # noqa: PLC0415 -- as above

    return isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") in ("/Page", "/Pages")


def _length(thing: Any) -> int:
    import pikepdf  # noqa: PLC0415 -- as above

    return len(thing.read_raw_bytes()) if isinstance(thing, pikepdf.Stream) else 0


class _Opening:
    """Writes the objects anew, at the head of the old file."""

    def __init__(self, pdf: pikepdf.Pdf, first: dict[Key, Any], table: dict[Key, Any]) -> None:
        import pikepdf  # noqa: PLC0415 -- as above

        self._pdf, self._old = pdf, table
        self._streams = {key: thing for key, thing in first.items() if isinstance(thing, pikepdf.Stream)}
        self._others = [(key, thing) for key, thing in first.items() if key not in self._streams]
        self._next = max(number for number, _ in table) + 1
        self._body = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self._lines: dict[int, tuple[int, int, int]] = {}  # kind, where, generation or place

    def written(self) -> bytes:
        for start in range(0, len(self._others), PACKED):
            self._pack(self._others[start : start + PACKED])
        for (number, _), stream in self._streams.items():
            self._add(number, dict(stream.stream_dict.items()), stream.read_raw_bytes())
        body, moved, whole = bytes(self._body), 0, b""
        while not whole or _in_steps(len(whole)) != moved:  # how far the old file moves decides how long the list is
            moved = max(moved, _in_steps(len(whole)))
            whole = self._listed(body, moved)
            whole += b" " * max(0, moved - STEP + 1 - len(whole) - TAIL)
            whole += (b"startxref\n%d\n%%%%EOF\n" % len(body)).rjust(TAIL, b"\n")
        return whole

    def _add(self, number: int, facts: dict[str, Any], content: bytes) -> None:
        self._lines[number] = (1, len(self._body), 0)
        self._body += _stream(number, facts, content)

    def _pack(self, some: list[tuple[Key, Any]]) -> None:
        places, texts, length = [], [], 0
        for place, ((number, _), thing) in enumerate(some):
            text = thing.unparse(resolved=True) + b"\n"
            places.append(b"%d %d" % (number, length))
            texts.append(text)
            length += len(text)
            self._lines[number] = (2, self._next, place)
        head = b" ".join(places) + b"\n"
        facts = {"/Type": _name("/ObjStm"), "/N": len(some), "/First": len(head), "/Filter": _name("/FlateDecode")}
        self._add(self._next, facts, zlib.compress(head + b"".join(texts), 9))
        self._next += 1

    def _listed(self, body: bytes, moved: int) -> bytes:
        lines = {
            number: (1, entry.offset + moved, generation)
            if entry.type == 1
            else (2, entry.obj_stream_number, entry.obj_stream_index)
            for (number, generation), entry in self._old.items()
            if entry.type in (1, 2)
        }
        lines |= self._lines | {self._next: (1, len(body), 0)}
        size = max(lines) + 1
        rows = b"".join(
            b"".join(value.to_bytes(width, "big") for value, width in zip(line, WIDTHS, strict=True))
            for line in (lines.get(number, (0, 0, 0)) for number in range(size))
        )
        columns = sum(WIDTHS)
        facts: dict[str, Any] = {
            "/Type": _name("/XRef"), "/Size": size, "/W": list(WIDTHS), "/Root": self._pdf.Root,
            "/Filter": _name("/FlateDecode"), "/DecodeParms": _differences_of(columns),
        }  # fmt: skip
        facts |= {key: self._pdf.trailer[key] for key in ("/Info", "/ID") if key in self._pdf.trailer}
        return body + _stream(self._next, facts, zlib.compress(_differences(rows, columns), 9))


def _in_steps(length: int) -> int:
    return -(-length // STEP) * STEP


def _name(name: str) -> Any:
    import pikepdf  # noqa: PLC0415 -- as above

    return pikepdf.Name(name)


def _differences_of(columns: int) -> Any:
    import pikepdf  # noqa: PLC0415 -- as above

    return pikepdf.Dictionary(Predictor=12, Columns=columns)


def _differences(rows: bytes, columns: int) -> bytes:
    """Each row as what has changed since the one above (PNG's filter “up”), which packs to a fraction."""
    packed, above = bytearray(), bytes(columns)
    for start in range(0, len(rows), columns):
        row = rows[start : start + columns]
        packed.append(2)
        packed += bytes((value - before) & 255 for value, before in zip(row, above, strict=True))
        above = row
    return bytes(packed)


def _stream(number: int, facts: dict[str, Any], content: bytes) -> bytes:
    import pikepdf  # noqa: PLC0415 -- as above

    told = pikepdf.Dictionary({**facts, "/Length": len(content)}).unparse()
    return b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (number, told, content)


def _is_as_good(path: str, opening: bytes) -> bool:
    """Whether another parser finds in the two together what it finds in the file: the pages, and the first and last of
    them word for word."""
    # Without a name, so that nothing of a paper stays where this process is killed.
    with tempfile.TemporaryFile() as whole, Path(path).open("rb") as file:
        whole.write(opening.ljust(_in_steps(len(opening)), b"\0"))
        shutil.copyfileobj(file, whole)
        whole.write(b"\n" + opening[-TAIL:])
        return _seen(whole) == _seen(file)


def _seen(pdf: IO[bytes]) -> tuple[Any, ...]:
    import pypdfium2  # noqa: PLC0415 -- as above

    document = pypdfium2.PdfDocument(pdf)
    count = len(document)
    ends = [document[number] for number in sorted({0, count - 1})]
    drawn = [bytes(page.render(scale=min(1.0, 200 / max(page.get_size()))).buffer) for page in ends]
    return count, [page.get_textpage().get_text_bounded() for page in ends], drawn


if __name__ == "__main__":
    child.answer(lambda: base64.b64encode(build(sys.argv[1])).decode(), seconds=SECONDS, memory=MEMORY)
