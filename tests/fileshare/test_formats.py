"""Which files may come in: judged by content, agreeing with the name."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fileshare.inspection import formats
from tests.fileshare import files


def refusal_of(content, name):
    with pytest.raises(formats.Refused) as caught:
        formats.recognise(io.BytesIO(content), name)
    return str(caught.value)


@pytest.mark.parametrize("extension", files.GOOD)
def test_good_file_of_each_kind_is_recognised(extension):
    file = io.BytesIO(files.GOOD[extension])
    found = formats.recognise(file, f"A name.{extension}")
    assert extension in found.extensions
    assert file.tell() == 0


@pytest.mark.parametrize("extension", files.GOOD)
def test_name_in_capitals_is_recognised(extension):
    assert formats.recognise(io.BytesIO(files.GOOD[extension]), f"A.NAME.{extension.upper()}")


@pytest.mark.parametrize("promised", files.GOOD)
@pytest.mark.parametrize("real", ["pdf", "docx", "xlsx", "odt", "png", "jpg", "webp", "mp4"])
def test_false_name_is_refused_with_what_is_inside(promised, real):
    if formats.KIND_OF_EXTENSION[promised] == formats.KIND_OF_EXTENSION[real]:
        return
    sentence = refusal_of(files.GOOD[real], f"paper.{promised}")
    kind = formats.KIND_OF_EXTENSION[real]
    article = "an" if kind.label.startswith(("O", "E")) else "a"
    assert sentence == (
        f"The name of this file ends in “.{promised}”, but it is {article} {kind.label} file inside. "
        "Changing a name does not change a file: please save it in one of the allowed kinds and retry."
    )


@pytest.mark.parametrize(
    "name",
    ["a.exe", "a.html", "a.htm", "a.svg", "a.xml", "a.7z", "a.doc", "a.js", "a", "", ".pdf", "pdf",
     "a.pdf.exe", "a.pdf\u202e", "a.", "a.ＰＤＦ"],
)  # fmt: skip
def test_other_extensions_are_refused_with_the_list(name):
    sentence = refusal_of(files.GOOD["pdf"], name)
    assert sentence.endswith(
        " cannot be shared here. Allowed are: "
        "pdf, docx, xlsx, pptx, odt, ods, odp, txt, csv, png, jpg, jpeg, webp, mp4."
    )


@pytest.mark.parametrize("extension", files.GOOD)
def test_empty_file_is_refused(extension):
    assert refusal_of(b"", f"a.{extension}") == "This file is empty. Please check it and choose it again."


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (b"<html><script>alert(1)</script></html>", "a.pdf", "it is a web page or XML file inside"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png", "it is a web page or XML file inside"),
        (b"MZ\x90\x00\x03" + bytes(200), "a.pdf", "it is a Windows program inside"),
        (b"MZ\x90\x00\x03" + bytes(200), "a.txt", "it is a Windows program inside"),
        (b"\x7fELF\x02" + bytes(200), "a.csv", "it is a program inside"),
        (b"text\x00text", "a.txt", "its content is of no kind that can be shared here"),
        ("UTF-16".encode("utf-16"), "a.txt", "its content is of no kind that can be shared here"),
        (b"\x1b[31mred", "a.txt.csv", "its content is of no kind that can be shared here"),
        (files.encrypted_office(), "a.docx", "it is an Office file of an old kind or with a password inside"),
        (b"GIF89a" + bytes(20), "a.png", "it is a GIF picture inside"),
        (files.archive({"a.txt": b"a"}), "a.docx", "it is a zip archive inside"),
        (files.archive({"mimetype": b"application/epub+zip"}), "a.odt", "it is a zip archive inside"),
        (files.archive({"mimetype": b"x" * 5000}), "a.odt", "it is a zip archive inside"),
    ],
)
def test_foreign_content_is_refused(content, name, found):
    if content.startswith(b"\x1b"):
        content = content + b"\xff"
    extension = name.rpartition(".")[2]
    assert refusal_of(content, name) == (
        f"The name of this file ends in “.{extension}”, but {found}. "
        "Changing a name does not change a file: please save it in one of the allowed kinds and retry."
    )


def test_table_in_an_old_8_bit_set_is_text():
    content = "Name;Größe\r\nMüller;1,5\r\n".encode("cp1252")
    assert formats.recognise(io.BytesIO(content), "table.csv").kind == "csv"


def test_text_cut_in_the_middle_of_a_character_is_text():
    content = b"a" * (formats.HEAD + formats.SAMPLE - 1) + "é".encode()
    assert formats.recognise(io.BytesIO(content), "long.txt").kind == "txt"


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pptx"])
@pytest.mark.parametrize("part", ["word/vbaProject.bin", "xl/VBAPROJECT.BIN", "deep/in/here/vbaData.xml"])
def test_office_file_with_macros_is_refused(kind, part):
    content = files.with_part(files.GOOD[kind], part, b"macro")
    sentence = refusal_of(content, f"a.{kind}")
    assert sentence.startswith("This file contains macros")
    assert "View → Macros" in sentence


@pytest.mark.parametrize("part", ["Basic/Standard/Module1.xml", "Scripts/python/evil.py"])
def test_opendocument_file_with_macros_is_refused(part):
    content = files.opendocument("text", **{part: b"Sub Main"})
    assert refusal_of(content, "a.odt").startswith("This file contains macros")


@pytest.mark.parametrize(
    ("name", "program", "without"),
    [("a.docm", "Word", "docx"), ("A.XLSM", "Excel", "xlsx"), ("a.pptm", "PowerPoint", "pptx")],
)
def test_macro_kind_is_refused_with_the_way_out(name, program, without):
    sentence = refusal_of(files.GOOD["docx"], name)
    assert f"is {program}’s kind with macros" in sentence
    assert f"File → Save As, take the kind “.{without}”" in sentence


@pytest.mark.parametrize("make", [files.bomb, files.lying_bomb, files.many_entries])
def test_bomb_is_refused_quickly(make):
    content = make()
    started = time.monotonic()
    assert refusal_of(content, "a.docx") == (
        "This file unpacks to far more than its size, which is a known attack. It was not taken."
    )
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("cut", [30, 200, -1, -20, -300])
def test_damaged_archive_is_refused(cut):
    sentence = refusal_of(files.GOOD["docx"][:cut], "a.docx")
    assert sentence == "This file is damaged or protected by a password, so it cannot be shared."


def test_archive_whose_first_entry_does_not_unpack_is_refused():
    content = bytearray(files.GOOD["odp"])
    content[41] ^= 0xFF
    sentence = refusal_of(bytes(content), "a.odp")
    assert sentence == "This file is damaged or protected by a password, so it cannot be shared."


def test_encrypted_archive_is_refused():
    content = bytearray(files.archive({"mimetype": b"application/vnd.oasis.opendocument.text"}, 0))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    sentence = refusal_of(bytes(content), "a.odt")
    assert sentence == "This file is damaged or protected by a password, so it cannot be shared."


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=300).map(lambda tail: b"PK\x03\x04" + tail),
        st.tuples(st.sampled_from(sorted(files.GOOD)), st.integers(0, 3000), st.binary(min_size=1, max_size=8)).map(
            lambda made: files.GOOD[made[0]][: made[1]] + made[2] + files.GOOD[made[0]][made[1] + len(made[2]) :]
        ),
    ),
    st.one_of(st.text(max_size=40), st.sampled_from(sorted(files.GOOD)).map(lambda extension: f"a.{extension}")),
)
def test_any_content_with_any_name_is_recognised_or_refused_in_a_sentence(content, name):
    file = io.BytesIO(content)
    try:
        found, sentence = formats.recognise(file, name), ""
    except formats.Refused as refused:
        found, sentence = None, str(refused)
    assert sentence.endswith(".") if found is None else name.lower().endswith(tuple(found.extensions))
    assert found is None or file.tell() == 0
