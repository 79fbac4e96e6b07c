"""Stamps a PDF: every page says what it is marked and whose copy it is.

Header and footer stand to the right in letters of at least 12 points, as the Traffic Light Protocol 2.0 wants of its
labels, and grow with the page; a faint line lies across it. They are drawn for the page as a reader sees it: turned by
/Rotate, cut by its crop box, measured in its own unit (ISO 32000-2, 7.7.3.3). One drawing serves all pages of a shape.
The page's own drawing becomes a form below them; everything else of the file stays as it is.
"""

from __future__ import annotations

import copy
import io
import json
import resource
import sys
import tempfile
import time
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fileshare import copy_numbers
from fileshare.derivatives import opening, stamp_tags
from fileshare.inspection import child

if TYPE_CHECKING:
    import pikepdf
SECONDS = 60
TRIAL_SECONDS = SECONDS // 3  # what only just passes at upload must not fail on a busy day
MEMORY = 2 * 1024**3  # bytes; a file of 200 MB is read where it lies
MOST_OPENED = 100_000_000  # bytes of a copy that gets an opening, for which it is read once more
OPENING_SECONDS = 5  # somebody waits
MOST_GROWTH = 100 * 1024**2  # bytes, besides three times the file
SMALLEST_SIDE = 1.0  # points of a page that can be stamped at all
MARK = "GatehouseCopy"  # the key in the file's own facts


class NotStamped(Exception):
    """The file could not be stamped. No copy exists."""


@dataclass(frozen=True)
class Words:
    """What stands on the pages; in Latin letters too, for what the font lacks."""

    label: str
    caveat: str
    caveat_in_latin: str
    name: str
    name_in_latin: str
    member: str
    number: str = ""
    moment: str = ""

    def numbered(self, number: str, moment: str) -> Words:
        return replace(self, number=number, moment=moment)

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Shape:
    """A page as it is seen: its size in points, by how many degrees it is turned, and how many points its unit is."""

    width: float
    height: float
    turn: int
    unit: float


class Keeps(NamedTuple):
    """How many states a page takes back that it has not kept, and how many marked parts it does not end."""

    taken: int
    marked: int


def make(
    source: str | Path, target: str | Path, words: Words, *, seconds: int = SECONDS, is_trial: bool = False
) -> bytes:
    """Write a stamped copy of the PDF at `source` to `target`; in a trial, read it too. Returns its opening, which may
    be empty (`derivatives.opening`). Raises NotStamped; `target` then holds nothing good."""
    end = time.monotonic() + seconds
    try:
        # Not among the arguments, which everybody on the machine can see.
        said = json.dumps(words.as_dict())
        trial = ["trial"] if is_trial else []
        pages = child.run(__name__, str(source), str(target), *trial, seconds=seconds, told=said)["pages"]
    except (child.Defeated, KeyError, TypeError, OSError) as error:
        raise NotStamped(str(error)) from error
    if not pages:
        raise NotStamped("The file has no pages.")
    return b"" if is_trial else _opening_of(target, end - time.monotonic())


def _opening_of(target: str | Path, left: float) -> bytes:
    """In what is left of the time, by a child of its own: the copy is good, whatever its opening does to a parser."""
    if left >= 1:
        with suppress(child.Defeated, OSError):  # it only opens more slowly then
            return opening.make(target, most=MOST_OPENED, seconds=int(min(left, OPENING_SECONDS)))
    return b""


def works(source: str | Path) -> bool:
    """Whether the PDF can be stamped, which is tried: each page of the copy must say its number."""
    number = copy_numbers.in_groups(copy_numbers.new())  # which the pages themselves cannot know
    some = Words("TLP:AMBER", "", "", "A reader", "A reader", "(member 00000)").numbered(number, "now")
    # A folder, so that what a child leaves beside its file when it is stopped goes too.
    with tempfile.TemporaryDirectory() as folder:
        try:
            make(source, Path(folder) / "copy.pdf", some, seconds=TRIAL_SECONDS, is_trial=True)
        except NotStamped:
            return False
    return True


# --- In the child -----------------------------------------------------------------------------------------------
def write(source: str, target: str, words: Words) -> dict[str, int]:
    """What `make` has a child do. Raises whatever the parser raises."""
    import pikepdf  # noqa: PLC0415 -- heavy, and wanted in the child alone

    with pikepdf.open(source) as pdf:
        if pdf.is_encrypted:
            raise ValueError("The file is encrypted.")
        drawn: dict[Shape, pikepdf.Object] = {}
        for page in pdf.pages:
            _stamp(pdf, page, words, drawn)
        _tell(pdf, words)
        # Streams as they came: to unpack and pack them anew would take ten times as long. All else is packed together,
        # so that a reader page finds the pages' descriptions in one place.
        pdf.save(
            target,
            compress_streams=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
        return {"pages": len(pdf.pages)}


def check(target: str, words: Words) -> None:
    """Raises ValueError where a page of the copy does not say its number."""
    import pypdfium2  # noqa: PLC0415 -- as above

    document = pypdfium2.PdfDocument(target)
    for page in document:
        text = page.get_textpage()
        if words.number not in " ".join(text.get_text_bounded().split()):
            raise ValueError("A page of the copy does not show the stamp.")
        text.close()
        page.close()
    document.close()


def _write_and_check(source: str, target: str, words: Words, *, is_trial: bool) -> dict[str, int]:
    # Pages may share a drawing, which each then has for itself: no file is to fill the disk in this way.
    most = 3 * Path(source).stat().st_size + MOST_GROWTH
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    done = write(source, target, words)
    if is_trial:
        check(target, words)
    return done


def _tell(pdf: pikepdf.Pdf, words: Words) -> None:
    """The number among the file's own facts (14.3.3), where programs that print or convert it often keep it."""
    pdf.docinfo[f"/{MARK}"] = words.number


def _stamp(pdf: pikepdf.Pdf, page: pikepdf.Page, words: Words, drawn: dict[Shape, pikepdf.Object]) -> None:
    import pikepdf  # noqa: PLC0415 -- as above

    left, bottom, right, top = _seen(page)
    shape = Shape(right - left, top - bottom, _turn(page), float(page.obj.get("/UserUnit", 1)))
    if shape not in drawn:
        drawn[shape] = _form(pdf, shape, words)
    keeps = _keeps(page)
    old = _old_drawing(pdf, page, keeps)
    page.obj.Resources = _own(pdf, page)
    below, above = (page.add_resource(each, pikepdf.Name.XObject) for each in (old, drawn[shape]))
    page.obj.Contents = pdf.make_stream(
        b"q %s Do Q\n" % str(below).encode()
        + b"EMC\n" * keeps.marked
        + b"q 1 0 0 1 %.4f %.4f cm %s Do Q\n" % (left, bottom, str(above).encode())
    )
    stamp_tags.follow(pdf, page.obj, old)


def _old_drawing(pdf: pikepdf.Pdf, page: pikepdf.Page, keeps: Keeps) -> pikepdf.Object:
    """What the page draws itself, as a form: whatever it leaves open, a text, an inline picture, a layer, ends with
    it and cannot swallow the stamp (ISO 32000-2, 8.10.1). The page's group and boxes stay with the page."""
    import pikepdf  # noqa: PLC0415 -- as above

    content = page.obj.get("/Contents", None)
    listed = list(content) if isinstance(content, pikepdf.Array) else [content]
    parts = [part for part in listed if isinstance(part, pikepdf.Stream)]
    if len(parts) == 1 and not keeps.taken:
        form: Any = copy.copy(parts[0])  # which shares the bytes
        for key in set(form.keys()) - {"/Length", "/Filter", "/DecodeParms"}:
            del form[key]
        form = pdf.make_indirect(form)
    else:
        drawing = b"q\n" * keeps.taken + b"\n".join(part.read_bytes() for part in parts)
        form = pdf.make_stream(b"")
        form.write(zlib.compress(drawing, 1), filter=pikepdf.Name.FlateDecode)
    form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    form.BBox = pikepdf.Array(_in_order(page.mediabox))
    form.Resources = page.resources
    return form


def _own(pdf: pikepdf.Pdf, page: pikepdf.Page) -> pikepdf.Object:
    """The page's resources, for this page alone: those that many share must not grow by one name for each."""
    import pikepdf  # noqa: PLC0415 -- as above

    resources = pikepdf.Dictionary(dict(page.resources.items()))
    if "/XObject" in resources:
        resources.XObject = pikepdf.Dictionary(dict(resources.XObject.items()))
    return pdf.make_indirect(resources)


def _seen(page: pikepdf.Page) -> tuple[float, float, float, float]:
    """The part of the page that is shown: its crop box, as far as it lies on the page (14.11.2)."""
    outer, inner = _in_order(page.mediabox), _in_order(page.cropbox)
    low = [max(a, b) for a, b in zip(outer[:2], inner[:2], strict=True)]
    high = [min(a, b) for a, b in zip(outer[2:], inner[2:], strict=True)]
    box = (*low, *high) if all(b - a >= SMALLEST_SIDE for a, b in zip(low, high, strict=True)) else outer
    if box[2] - box[0] < SMALLEST_SIDE or box[3] - box[1] < SMALLEST_SIDE:
        raise ValueError("A page has no size.")
    return box[0], box[1], box[2], box[3]


def _in_order(box: Any) -> tuple[float, ...]:
    """Any two opposite corners make a rectangle (7.9.5)."""
    x, y = sorted((float(box[0]), float(box[2]))), sorted((float(box[1]), float(box[3])))
    return x[0], y[0], x[1], y[1]


def _turn(page: pikepdf.Page) -> int:
    return int(page.rotation) // 90 * 90 % 360


def _keeps(page: pikepdf.Page) -> Keeps:
    """Some programs let what a form has taken back too often, or marked and not ended, go on behind it."""
    import pikepdf  # noqa: PLC0415 -- as above

    depth = lowest = marked = 0
    for instruction in pikepdf.parse_content_stream(page, "q Q BMC BDC EMC"):
        operator = str(instruction.operator)
        if operator in ("q", "Q"):
            depth += 1 if operator == "q" else -1
            lowest = min(lowest, depth)
        else:
            marked = max(0, marked + (-1 if operator == "EMC" else 1))
    return Keeps(-lowest, marked)


def _form(pdf: pikepdf.Pdf, shape: Shape, words: Words) -> pikepdf.Object:
    """The drawing for one shape of page, as an object that all pages of this shape share."""
    import pikepdf  # noqa: PLC0415 -- as above

    from fileshare.derivatives import stamp_drawing  # noqa: PLC0415 -- as above

    is_across = shape.turn in (90, 270)
    seen = (shape.height, shape.width) if is_across else (shape.width, shape.height)
    with pikepdf.open(io.BytesIO(stamp_drawing.draw(seen[0] * shape.unit, seen[1] * shape.unit, words))) as overlay:
        form: Any = pdf.copy_foreign(overlay.pages[0].as_form_xobject())
    form.BBox = pikepdf.Array([0, 0, seen[0] * shape.unit, seen[1] * shape.unit])
    scale = 1 / shape.unit
    form.Matrix = pikepdf.Array(
        {
            0: [scale, 0, 0, scale, 0, 0],
            90: [0, scale, -scale, 0, shape.width, 0],
            180: [-scale, 0, 0, -scale, shape.width, shape.height],
            270: [0, -scale, scale, 0, 0, shape.height],
        }[shape.turn]
    )
    return pdf.make_indirect(form)


if __name__ == "__main__":
    child.answer(
        lambda: _write_and_check(
            sys.argv[1], sys.argv[2], Words(**json.load(sys.stdin)), is_trial=sys.argv[3:] == ["trial"]
        ),
        seconds=SECONDS,
        memory=MEMORY,
    )
