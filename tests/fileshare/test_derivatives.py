"""What is made of files: text by page, facts, previews; and that no file takes the worker along."""

from __future__ import annotations

import datetime
import io
import os

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from fileshare.derivatives import preview, text
from fileshare.inspection import child
from tests.factories import minimal_pdf
from tests.fileshare import files

CORE = (
    b'<p:coreProperties xmlns:p="urn:p" xmlns:dc="urn:dc" xmlns:t="urn:t"><dc:title> The  plan </dc:title>'
    b"<dc:creator>A. Person</dc:creator><t:created>2026-03-04T10:00:00Z</t:created>"
    b"<dc:language>en-GB</dc:language></p:coreProperties>"
)
RELATIONS = b'<r xmlns="urn:r"><x Id="a" Target="%s"/><x Id="b" Target="%s"/></r>'


def pdf_with_facts() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, lang="de-DE", invariant=1)
    canvas.setTitle("Große Häuser")
    canvas.setAuthor("N. N.")
    for words in ("First page", "Second page"):
        canvas.drawString(72, 720, words)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def word() -> bytes:
    body = (
        b'<w:document xmlns:w="urn:w"><w:p><w:r><w:t>One</w:t><w:tab/><w:t>two</w:t></w:r></w:p>'
        b"<w:p><w:r><w:lastRenderedPageBreak/><w:t>Three</w:t></w:r></w:p></w:document>"
    )
    notes = b'<w:footnotes xmlns:w="urn:w"><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnotes>'
    counted = b"<Properties><Pages>7</Pages></Properties>"
    return files.archive(
        {"word/document.xml": body, "word/footnotes.xml": notes, "docProps/core.xml": CORE, "docProps/app.xml": counted}
    )


def slides() -> bytes:
    """The second slide of the archive comes first."""
    listed = b'<p xmlns:r="urn:rel"><sldId id="256" r:id="b"/><sldId id="257" r:id="a"/></p>'
    slide = b'<p:sld xmlns:p="urn:p" xmlns:a="urn:a"><a:p><a:r><a:t>%s</a:t></a:r></a:p></p:sld>'
    return files.archive(
        {
            "ppt/presentation.xml": listed,
            "ppt/_rels/presentation.xml.rels": RELATIONS % (b"slides/slide1.xml", b"slides/slide2.xml"),
            "ppt/slides/slide1.xml": slide % b"Last",
            "ppt/slides/slide2.xml": slide % b"First",
        }
    )


def workbook() -> bytes:
    listed = b'<w xmlns:r="urn:rel"><sheet r:id="a"/><sheet r:id="b"/></w>'
    strings = b"<sst><si><t>Gate</t></si><si><r><t>Gua</t></r><r><t>rd</t></r></si></sst>"
    sheet = (
        b'<worksheet><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c><v>12</v></c></row>'
        b'<row><c t="inlineStr"><is><t>In line</t></is></c><c t="s"><v>99</v></c></row></worksheet>'
    )
    return files.archive(
        {
            "xl/workbook.xml": listed,
            "xl/_rels/workbook.xml.rels": RELATIONS % (b"/xl/worksheets/one.xml", b"worksheets/two.xml"),
            "xl/sharedStrings.xml": strings,
            "xl/worksheets/one.xml": sheet,
            "xl/worksheets/two.xml": b"<worksheet/>",
        }
    )


def opendocument() -> bytes:
    content = (
        b'<o:d xmlns:o="urn:o" xmlns:t="urn:t"><t:h>Head</t:h><t:p>One<t:s/>two <t:span>three</t:span></t:p>'
        b"<t:soft-page-break/><t:p>Next<t:p>framed</t:p></t:p></o:d>"
    )
    meta = (
        b'<m xmlns:dc="urn:dc" xmlns:meta="urn:m"><dc:title>Plan</dc:title>'
        b"<meta:initial-creator>B</meta:initial-creator><meta:creation-date>2025-01-02T00:00:00</meta:creation-date>"
        b'<meta:document-statistic meta:page-count="3"/></m>'
    )
    return files.archive({"content.xml": content, "meta.xml": meta})


@pytest.mark.parametrize(
    ("kind", "content", "made"),
    [
        (
            "pdf",
            pdf_with_facts(),
            text.Text(
                ("First page", "Second page"), 2, title="Große Häuser", author="N. N.",
                dated=datetime.date(2000, 1, 1), language="de-de",
            ),
        ),
        (
            "docx",
            word(),
            text.Text(
                ("One\ttwo", "Three\n\nA note."), 7, title="The plan", author="A. Person",
                dated=datetime.date(2026, 3, 4), language="en-gb",
            ),
        ),
        ("pptx", slides(), text.Text(("First", "Last"), 2)),
        ("xlsx", workbook(), text.Text(("Gate\tGuard\t12\nIn line", ""))),
        (
            "odt",
            opendocument(),
            text.Text(
                ("Head\nOne two three", "Next\nframed"), 3, title="Plan", author="B", dated=datetime.date(2025, 1, 2)
            ),
        ),
        ("txt", "Größe\r\nslovo\fтекст\x00\x07".encode(), text.Text(("Größe\nslovo", "текст"))),
        ("csv", b"caf\xe9,1\n", text.Text(("café,1",))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_text_and_facts_of_each_kind(tmp_path, kind, content, made):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert text.make(path, kind) == made


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pptx"])
def test_files_of_the_programs_themselves_have_text(tmp_path, kind):
    path = tmp_path / "file"
    path.write_bytes(files.GOOD[kind])
    assert text.make(path, kind).pages == {"docx": ("A paper in Word.",), "xlsx": ("A table",), "pptx": ("",)}[kind]


ENTITIES = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><w:d xmlns:w="urn:w"><w:t>&b;</w:t></w:d>'


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("pdf", files.damaged_pdf()),
        ("pdf", files.encrypted_pdf("secret")),
        ("docx", files.archive({"word/document.xml": ENTITIES})),
        ("docx", files.archive({"word/document.xml": b"<w:d>"})),
        ("pptx", files.archive({"ppt/presentation.xml": b"<p/>"})),
        ("odt", b"not an archive"),
    ],
)
def test_file_that_defeats_the_parser_is_told_and_nothing_else(tmp_path, kind, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(child.Defeated):
        text.make(path, kind)


def test_long_text_is_cut_and_says_so(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"a" * 600_000 + b"\fshort")
    made = text.make(path, "txt")
    assert [len(page) for page in made.pages] == [500_000, 5]
    assert made.cut


@pytest.mark.parametrize(("said", "date"), [("D:20261304", None), ("yesterday", None), ("", None), (None, None)])
def test_date_that_is_none(said, date):
    assert text._date(said) == date


@pytest.mark.parametrize("said", ["", "english", "en gb", "x" * 36, "de_DE", "<b>"])
def test_language_that_is_none(said):
    assert text._language(said) == ""


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def made_of(path, content: bytes, kind: str) -> preview.Preview:
    path.write_bytes(content)
    return preview.make(path, kind)


def test_preview_of_a_pdf_is_its_first_page_in_two_sizes(tmp_path):
    made = made_of(tmp_path / "file", minimal_pdf("Hello", pages=2), "pdf")
    large, small = opened(made.large), opened(made.small)
    assert (large.format, large.size) == ("WEBP", (made.width, made.height)) == ("WEBP", (800, 1131))
    assert (small.format, small.size) == ("WEBP", preview.fitted(made.width, made.height)) == ("WEBP", (200, 283))
    assert large.convert("L").getextrema()[0] < 100 < large.convert("L").getpixel((0, 0))  # ink on white


def turned_photograph() -> bytes:
    """Lies on its side, says so, and says besides where it was taken."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "SECRET-PLACE"
    Image.new("RGB", (1600, 900), "navy").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_preview_of_a_photograph_stands_upright_and_keeps_no_words(tmp_path):
    made = made_of(tmp_path / "file", turned_photograph(), "jpeg")
    assert (made.width, made.height) == (450, 800)
    assert b"SECRET-PLACE" not in made.large + made.small
    assert dict(opened(made.large).getexif()) == {}


def test_preview_of_a_transparent_picture_is_on_white(tmp_path):
    out = io.BytesIO()
    Image.new("RGBA", (30, 20), (0, 0, 0, 0)).save(out, "PNG")
    made = made_of(tmp_path / "file", out.getvalue(), "png")
    assert (made.width, made.height) == (30, 20)  # never larger than it is
    assert opened(made.large).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def pixel_bomb() -> bytes:
    """A picture of 900 million pixels in few bytes."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("kind", "content"), [("pdf", files.damaged_pdf()), ("png", pixel_bomb()), ("jpeg", b"\xff\xd8\xff nothing")]
)
def test_picture_that_cannot_be_made_is_told(tmp_path, kind, content):
    with pytest.raises(child.Defeated):
        made_of(tmp_path / "file", content, kind)


def test_child_knows_no_secrets(tmp_path, monkeypatch):
    """What a parser that is taken over could read of its surroundings."""
    monkeypatch.setenv("SECRET_KEY", "hidden")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "surroundings.py").write_text("import json, os\nprint(json.dumps(dict(os.environ)))\n")
    monkeypatch.setattr(child, "ROOT", tmp_path)
    assert "SECRET_KEY" in os.environ
    assert "hidden" not in child.run("surroundings", seconds=10).values()


def test_child_that_takes_more_than_its_limits_is_defeated(tmp_path, monkeypatch):
    (tmp_path / "greedy.py").write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(child.ROOT)!r})\n"
        "from fileshare.inspection import child\n"
        "child.answer(lambda: len(bytes(10**9)), seconds=5, memory=300 * 1024**2)\n"
    )
    monkeypatch.setattr(child, "ROOT", tmp_path)
    with pytest.raises(child.Defeated):
        child.run("greedy", seconds=5)
