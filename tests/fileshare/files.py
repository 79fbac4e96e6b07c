"""Files of every kind, good and bad, made for the tests."""

from __future__ import annotations

import io
import struct
import zipfile
from functools import cache
from typing import Any

import docx
import openpyxl
import pikepdf
import pptx
from PIL import Image

from tests.factories import minimal_pdf


def docx_file() -> bytes:
    out = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("A paper in Word.")
    document.save(out)
    return out.getvalue()


def xlsx_file() -> bytes:
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "A table"
    book.save(out)
    return out.getvalue()


def pptx_file() -> bytes:
    out = io.BytesIO()
    slides = pptx.Presentation()
    slides.slides.add_slide(slides.slide_layouts[0])
    slides.save(out)
    return out.getvalue()


def archive(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def opendocument(kind: str, **more: bytes) -> bytes:
    """`kind` is text, spreadsheet or presentation."""
    return archive(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
            "content.xml": b"<office:document-content/>",
            "META-INF/manifest.xml": b"<manifest:manifest/>",
            **more,
        }
    )


def picture(format: str) -> bytes:  # noqa: A002 -- Pillow's word
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, format)
    return out.getvalue()


def mp4_file() -> bytes:
    return struct.pack(">I", 24) + b"ftypisom\0\0\2\0isomiso2" + struct.pack(">I", 8) + b"mdat"


GOOD = {
    "pdf": minimal_pdf(),
    "docx": docx_file(),
    "xlsx": xlsx_file(),
    "pptx": pptx_file(),
    "odt": opendocument("text"),
    "ods": opendocument("spreadsheet"),
    "odp": opendocument("presentation"),
    "txt": "Ein Wort: Größe, слово, 词.\n".encode(),
    "csv": b"name,number\nA,1\n",
    "png": picture("PNG"),
    "jpg": picture("JPEG"),
    "jpeg": picture("JPEG"),
    "webp": picture("WEBP"),
    "mp4": mp4_file(),
}


def with_part(office: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(office)
    with zipfile.ZipFile(out, "a") as file:
        file.writestr(name, content)
    return out.getvalue()


@cache
def bomb() -> bytes:
    """A Word file of some 100 KB that unpacks to 60 MB."""
    out = io.BytesIO(docx_file())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as file, file.open("word/media/image1.bin", "w") as part:
        for _ in range(60):
            part.write(bytes(1024**2))
    return out.getvalue()


def lying_bomb() -> bytes:
    """A Word file whose list of parts says that the big one is small."""
    data = bytearray(with_part(docx_file(), "word/media/image1.bin", bytes(1024)))
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 2**32 - 2)
    return bytes(data)


@cache
def many_entries() -> bytes:
    return archive({f"word/{number}.xml": b"" for number in range(10_001)}, zipfile.ZIP_STORED)


def encrypted_office() -> bytes:
    """What Word writes with a password: not a zip archive, but an OLE container."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2048)


def pdf(change: Any = None, **save: Any) -> bytes:
    """A PDF that `change` has worked upon."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(minimal_pdf())) as file:
        if change is not None:
            change(file)
        file.save(out, **save)
    return out.getvalue()


def encrypted_pdf(user_password: str = "") -> bytes:
    return pdf(encryption=pikepdf.Encryption(owner="owner", user=user_password))


def signed_pdf() -> bytes:
    def sign(file: pikepdf.Pdf) -> None:
        file.Root.AcroForm = pikepdf.Dictionary(SigFlags=3, Fields=pikepdf.Array())

    return pdf(sign)


def script(code: str = "app.alert('hello')") -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(code))


def pdf_with_opening_script() -> bytes:
    return pdf(lambda file: setattr(file.Root, "OpenAction", script()))


def pdf_with_named_script() -> bytes:
    def add(file: pikepdf.Pdf) -> None:
        names = pikepdf.Array([pikepdf.String("start"), script()])
        file.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=names))

    return pdf(add)


def pdf_with_page_script() -> bytes:
    return pdf(lambda file: setattr(file.pages[0].obj, "AA", pikepdf.Dictionary(O=script())))


def pdf_with_catalogue_actions() -> bytes:
    return pdf(lambda file: setattr(file.Root, "AA", pikepdf.Dictionary(WC=script())))


def pdf_with_scripted_link() -> bytes:
    def add(file: pikepdf.Pdf) -> None:
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=pikepdf.Array([0, 0, 9, 9]), A=script()
        )
        file.pages[0].obj.Annots = pikepdf.Array([file.make_indirect(link)])

    return pdf(add)


def pdf_that_launches() -> bytes:
    def add(file: pikepdf.Pdf) -> None:
        file.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))

    return pdf(add)


def pdf_with_scripted_next_action() -> bytes:
    """The first action only goes to a page; the one that follows it is a script."""

    def add(file: pikepdf.Pdf) -> None:
        go = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=pikepdf.Array([file.pages[0].obj, pikepdf.Name.Fit]))
        go.Next = script()
        file.Root.OpenAction = go

    return pdf(add)


def pdf_with_form(*packets: bytes) -> bytes:
    """An XFA form, in one stream or in several with their names."""

    def add(file: pikepdf.Pdf) -> None:
        streams = [file.make_stream(packet) for packet in packets]
        named = pikepdf.Array([part for stream in streams for part in (pikepdf.String("template"), stream)])
        form = pikepdf.Dictionary(Fields=pikepdf.Array(), XFA=streams[0] if len(streams) == 1 else named)
        file.Root.AcroForm = file.make_indirect(form)

    return pdf(add)


def action(kind: str, **parts: Any) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name(f"/{kind}"), **parts)


REACHING_OUT = {
    "URI": {"URI": pikepdf.String("https://tracker.example.net/")},
    "GoToR": {"F": pikepdf.String("//host/share/a.pdf"), "D": pikepdf.Array([0, pikepdf.Name.Fit])},
    "GoToE": {"F": pikepdf.String("a.pdf"), "D": pikepdf.Array([0, pikepdf.Name.Fit])},
    "Launch": {"F": pikepdf.String("cmd.exe")},
    "SubmitForm": {"F": pikepdf.String("https://tracker.example.net/")},
    "ImportData": {"F": pikepdf.String("data.fdf")},
    "Rendition": {"OP": 0},
}


def pdf_that_does_when_opened(done: pikepdf.Dictionary) -> bytes:
    return pdf(lambda file: setattr(file.Root, "OpenAction", done))


def pdf_that_does_on_a_page(done: pikepdf.Dictionary) -> bytes:
    def add(file: pikepdf.Pdf) -> None:
        file.pages[0].obj.AA = file.make_indirect(pikepdf.Dictionary(O=file.make_indirect(done)))

    return pdf(add)


def pdf_that_does_next(done: pikepdf.Dictionary) -> bytes:
    """After going to a page, as one of several."""

    def add(file: pikepdf.Pdf) -> None:
        first = file.make_indirect(action("GoTo", D=pikepdf.Array([file.pages[0].obj, pikepdf.Name.Fit])))
        first.Next = pikepdf.Array([action("Named", N=pikepdf.Name.NextPage), file.make_indirect(done)])
        file.Root.OpenAction = first

    return pdf(add)


def pdf_that_turns_in_a_circle() -> bytes:
    def add(file: pikepdf.Pdf) -> None:
        first = file.make_indirect(action("Named", N=pikepdf.Name.NextPage))
        first.Next = first
        file.Root.OpenAction = first

    return pdf(add)


def pdf_with_links() -> bytes:
    """Links that a reader presses."""

    def add(file: pikepdf.Pdf) -> None:
        links = [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=pikepdf.Array([0, 0, 9, 9]),
                A=action(kind, **REACHING_OUT[kind]),
            )
            for kind in ("URI", "GoToR")
        ]  # fmt: skip
        file.pages[0].obj.Annots = pikepdf.Array([file.make_indirect(link) for link in links])
        file.Root.OpenAction = action("GoTo", D=pikepdf.Array([file.pages[0].obj, pikepdf.Name.Fit]))

    return pdf(add)


def pdf_with_embedded_file() -> bytes:
    return pdf(lambda file: file.attachments.__setitem__("hidden.exe", b"MZ"))


def pdf_with_attached_annotation() -> bytes:
    def add(file: pikepdf.Pdf) -> None:
        stream = file.make_stream(b"MZ")
        spec = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F="hidden.exe", EF=pikepdf.Dictionary(F=stream))
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, Rect=pikepdf.Array([0, 0, 9, 9]), FS=spec
        )
        file.pages[0].obj.Annots = pikepdf.Array([file.make_indirect(note)])

    return pdf(add)


def pdf_that_only_opens_at_a_page() -> bytes:
    def add(file: pikepdf.Pdf) -> None:
        file.Root.OpenAction = pikepdf.Array([file.pages[0].obj, pikepdf.Name.Fit])

    return pdf(add)


def damaged_pdf() -> bytes:
    return b"%PDF-1.7\n" + b"this is not a document\n" * 40
