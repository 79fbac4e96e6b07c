"""The stamp on the pages: read back from the copy, page by page, as a stranger's program reads it."""

from __future__ import annotations

import base64
import io
import os
import zlib
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from fileshare.derivatives import stamp
from fileshare.inspection import child

WORDS = stamp.Words(
    label="TLP:AMBER+STRICT", caveat="OFFICIAL-SENSITIVE", caveat_in_latin="OFFICIAL-SENSITIVE",
    name="Żaneta Müller", name_in_latin="Zaneta Muller", member="(member 01024)",
).numbered("4821-0937-5563", "30 November 2026, 08:15 GMT")  # fmt: skip
SAID = ("TLP:AMBER+STRICT", "OFFICIAL-SENSITIVE", "Żaneta Müller", "01024", "4821-0937-5563", "08:15 GMT")


def pdf(*sizes: tuple[float, float], crop: tuple[float, ...] = (), **facts: object) -> bytes:
    """A page of each size, with these entries of its dictionary, cropped to this part of it."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for number, size in enumerate(sizes, start=1):
        canvas.setPageSize(size)
        canvas.drawString(size[0] / 3, size[1] / 2, f"Body {number}")
        canvas.showPage()
    canvas.save()
    with pikepdf.open(out) as made:
        for page, size in zip(made.pages, sizes, strict=True):
            if crop:
                page.obj.CropBox = pikepdf.Array([round(part * size[at % 2], 2) for at, part in enumerate(crop)])
            for name, value in facts.items():
                page.obj[f"/{name}"] = value
        again = io.BytesIO()
        made.save(again)
    return again.getvalue()


def stamped(content: bytes, tmp_path: Path, words: stamp.Words = WORDS) -> Path:
    """In this process: what the child does, without a process for each case."""
    source, target = tmp_path / "in.pdf", tmp_path / "out.pdf"
    source.write_bytes(content)
    stamp.write(str(source), str(target), words)
    return target


def text_of(page: pypdfium2.PdfPage) -> str:
    """In one line; a line that was broken is whole again."""
    text = page.get_textpage()
    try:
        return " ".join(text.get_text_bounded().split())
    finally:
        text.close()


def texts(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    try:
        return [text_of(page) for page in document]
    finally:
        document.close()


def lacking(text: str, said: tuple[str, ...] = SAID) -> list[str]:
    return [each for each in said if each not in text]


side = st.floats(min_value=40, max_value=4000).map(lambda length: round(length, 2))


@settings(max_examples=15, deadline=None)
@given(
    sizes=st.lists(st.tuples(side, side), min_size=1, max_size=3),
    turn=st.sampled_from([None, 0, 90, 180, 270, -90, 450]),
    crop=st.sampled_from([(), (0.1, 0.2, 0.8, 0.9), (0.8, 0.9, 0.1, 0.2), (-1.0, -1.0, 2.0, 2.0)]),
    unit=st.sampled_from([None, 2, 0.5]),
)
def test_every_page_says_whose_copy_it_is_and_stays_what_it_was(tmp_path_factory, sizes, turn, crop, unit):
    facts: dict[str, object] = {"Rotate": turn, "UserUnit": unit}
    content = pdf(*sizes, crop=crop, **{name: value for name, value in facts.items() if value is not None})
    copy = stamped(content, tmp_path_factory.mktemp("stamp"))
    assert [lacking(text) for text in texts(copy)] == [[]] * len(sizes)
    with pikepdf.open(io.BytesIO(content)) as before, pikepdf.open(copy) as after:
        assert [_frame(page) for page in after.pages] == [_frame(page) for page in before.pages]
        assert str(after.docinfo["/GatehouseCopy"]) == "4821-0937-5563"


def _frame(page: pikepdf.Page) -> list[object]:
    boxes = (page.mediabox, page.cropbox, page.trimbox)
    return [page.rotation, page.obj.get("/UserUnit"), *([float(each) for each in box] for box in boxes)]


def seen(path: Path, width: int = 300) -> object:
    document = pypdfium2.PdfDocument(path)
    page = document[0]
    picture = page.render(scale=width / page.get_width()).to_pil().convert("RGB")
    document.close()
    return picture


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_label_stands_upright_at_the_top_and_bottom_right_as_the_reader_sees_the_page(tmp_path, turn):
    """Of what is shown of it: black plates lie in these two corners, and in the other two nothing does."""
    crop = pikepdf.Array([100, 150, 520, 700])
    picture = seen(stamped(pdf((595, 842), Rotate=turn, CropBox=crop), tmp_path))
    width, height = picture.size
    dark = [
        sum(sum(picture.getpixel((x, y))) < 120 for x in range(left, left + width // 4) for y in range(top, top + 14))
        for left in (0, width - width // 4)
        for top in (0, height - 14)
    ]
    assert (dark[0], dark[1]) == (0, 0)
    assert min(dark[2:]) > 200


def test_letters_are_twelve_points_at_least_and_grow_with_the_page(tmp_path):
    sizes = []
    for size in ((595, 842), (2384, 3370)):
        document = pypdfium2.PdfDocument(stamped(pdf(size), tmp_path))
        text = document[0].get_textpage()
        at = text.get_text_bounded().index("TLP:")
        sizes.append(round(pypdfium2.raw.FPDFText_GetFontSize(text, at)))
        text.close()
        document.close()
    assert sizes[0] == 12
    assert sizes[1] > 40


@pytest.mark.parametrize("size", [(595, 842), (420, 595), (400, 300)])
@pytest.mark.parametrize("name", ["W" * 150, f"{'W' * 150} {'Ж' * 150}", " ".join(["Anna"] * 60)])
def test_long_name_makes_no_letter_smaller(tmp_path, size, name):
    """It is broken, and cut where the page has not the room; label and numbers are whole."""
    words = stamp.Words("TLP:AMBER+STRICT", "", "", name, name, "(member 01024)")
    words = words.numbered("4821-0937-5563", "30 November 2026, 08:15 GMT")
    document = pypdfium2.PdfDocument(stamped(pdf(size), tmp_path, words))
    text = document[0].get_textpage()
    said = text.get_text_range()
    sizes = [
        pypdfium2.raw.FPDFText_GetFontSize(text, at)
        for at in range(text.count_chars())
        if not chr(pypdfium2.raw.FPDFText_GetUnicode(text, at)).isspace()
    ]
    text.close()
    document.close()
    assert round(min(sizes), 1) >= 12
    assert [said.count(each) for each in (words.label, "01024", words.number)] == [2, 3, 3]


LEFT_BEHIND = (
    b"",
    b"2 0 0 2 0 0 cm q 0.01 0 0 0.01 9000 9000 cm q 0 0 1 1 re W n",
    b"Q Q q 5 0 0 5 0 0 cm",
    b"(abc",
    b"<4142",
    b"[ 1 2",
    b"<< /A",
    b"BT (",
    b"BI /W 1 /H 1 /BPC 8 /CS /G ID x",
    b"/OC /Hidden BDC",
    b"/OC /Hidden BDC /OC /Hidden BDC q",
)


def test_what_a_page_leaves_behind_does_not_move_or_hide_the_stamp(tmp_path):
    """A state that is kept and never taken back, one taken back that was never kept, and what is never ended."""
    for drawing in LEFT_BEHIND:
        for parts in ([drawing], [b"q Q", drawing]):
            with pikepdf.new() as made:
                made.add_blank_page(page_size=(300, 400))
                hidden = made.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="Hidden"))
                made.Root.OCProperties = pikepdf.Dictionary(
                    OCGs=[hidden], D=pikepdf.Dictionary(BaseState=pikepdf.Name.OFF, OFF=[hidden])
                )
                made.pages[0].obj.Resources = pikepdf.Dictionary(Properties=pikepdf.Dictionary(Hidden=hidden))
                made.pages[0].Contents = pikepdf.Array([made.make_stream(part) for part in parts])
                plain, odd = io.BytesIO(), io.BytesIO()
                made.save(odd)
                del made.pages[0].Contents
                made.save(plain)
            pictures = [seen(stamped(each.getvalue(), tmp_path)) for each in (plain, odd)]
            assert pictures[0].tobytes() == pictures[1].tobytes(), drawing
            assert "4821-0937-5563" in texts(tmp_path / "out.pdf")[0]


def test_trial_fails_where_the_stamp_does_not_show(tmp_path):
    source = tmp_path / "in.pdf"
    source.write_bytes(pdf((595, 842)))
    with pytest.raises(ValueError, match="does not show"):
        stamp.check(str(source), WORDS)
    stamp.check(str(stamped(pdf((595, 842)), tmp_path)), WORDS)


def test_structure_of_a_page_finds_its_parts_again(tmp_path):
    """Numbers of parts, alone, in a list, and with their page; those of another page stay."""
    with pikepdf.open(io.BytesIO(pdf((300, 400), (300, 400)))) as made:
        first, second = made.pages[0].obj, made.pages[1].obj
        first.StructParents = 0
        element = made.make_indirect(
            pikepdf.Dictionary(
                S=pikepdf.Name.P,
                Pg=first,
                K=[0, pikepdf.Dictionary(Type=pikepdf.Name.MCR, Pg=second, MCID=7)],
            )
        )
        single = made.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.H1, Pg=first, K=1))
        numbers = pikepdf.Array([0, pikepdf.Array([element, single])])
        made.Root.StructTreeRoot = pikepdf.Dictionary(
            K=[element, single], ParentTree=made.make_indirect(pikepdf.Dictionary(Nums=numbers))
        )
        out = io.BytesIO()
        made.save(out)
    with pikepdf.open(stamped(out.getvalue(), tmp_path)) as copy:
        page, (element, single) = copy.pages[0].obj, copy.Root.StructTreeRoot.K
        old = page.Resources.XObject[str(pikepdf.parse_content_stream(page)[1].operands[0])]
        assert ("/StructParents" in page, old.StructParents) == (False, 0)
        assert b"Body 1" in old.read_bytes()
        parts = [(kid.MCID, kid.get("/Stm", None)) for kid in (*element.K, single.K)]
        assert parts == [(0, old), (7, None), (1, old)]


def test_many_pages_share_one_drawing(tmp_path):
    copy = stamped(pdf(*[(595, 842)] * 60, (842, 595)), tmp_path)
    with pikepdf.open(copy) as made:
        forms = [each.objgen for page in made.pages for each in page.resources.XObject.values()]
    assert len({each for each in forms if forms.count(each) > 1}) == 1
    assert len(set(forms)) == 61 + 2  # and each page's own drawing


@pytest.mark.parametrize(
    ("name", "latin", "shown"),
    [
        ("Ελένη Παπαδοπούλου", "Eleni Papadopoulou", "Ελένη Παπαδοπούλου"),
        ("Ірина Шевченко", "Irina Shevchenko", "Ірина Шевченко"),
        ("王小明", "WangXiaoMing", "WangXiaoMing"),
        ("محمد", "mhmd", "mhmd"),
        ("Zoë\u0308 \u202eevil", "Zoe evil", "Zoe evil"),
        ("\U0001f600", "", "(member 01024)"),
    ],
)
def test_names_are_in_their_own_letters_or_in_latin_ones(tmp_path, name, latin, shown):
    words = stamp.Words("TLP:AMBER", "", "", name, latin, "(member 01024)").numbered("4821-0937-5563", "now")
    assert shown in texts(stamped(pdf((595, 842)), tmp_path, words))[0]


def test_child_stamps_and_says_how_it_failed(tmp_path):
    source, target = tmp_path / "in.pdf", tmp_path / "out.pdf"
    source.write_bytes(pdf((595, 842)))
    stamp.make(source, target, WORDS)
    assert lacking(texts(target)[0]) == []
    assert stamp.works(source)
    for broken in (b"%PDF-1.7 no more", b"", b"A line of text"):
        source.write_bytes(broken)
        with pytest.raises(stamp.NotStamped):
            stamp.make(source, target, WORDS)
    assert not stamp.works(source)


def test_encrypted_file_is_not_stamped(tmp_path):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf((595, 842)))) as made:
        made.save(out, encryption=pikepdf.Encryption(owner="x", user=""))
    with pytest.raises(ValueError, match="encrypted"):
        stamped(out.getvalue(), tmp_path)


def test_name_is_told_where_nobody_else_on_the_machine_sees_it(tmp_path, monkeypatch):
    def run(command, **options):
        assert "Müller" not in " ".join(command)
        assert "M\\u00fcller" in options["input"].decode()
        raise child.subprocess.SubprocessError

    monkeypatch.setattr(child.subprocess, "run", run)
    with pytest.raises(stamp.NotStamped):
        stamp.make(tmp_path / "in.pdf", tmp_path / "out.pdf", WORDS)


def test_trial_has_less_time_than_the_stamp_and_nothing_of_it_stays(tmp_path, monkeypatch):
    """What a child that is stopped leaves beside its file goes with the folder."""
    asked = []

    def run(module, source, target, *arguments, seconds, told):
        asked.append((arguments, seconds, Path(target)))
        (Path(target).parent / ".pikepdf.left").write_bytes(b"x")
        raise child.Defeated("stopped")

    monkeypatch.setattr(child, "run", run)
    assert not stamp.works(tmp_path / "in.pdf")
    [(arguments, seconds, target)] = asked
    assert (arguments, seconds) == (("trial",), stamp.SECONDS // 3)
    assert not target.parent.exists()


def test_copy_of_a_file_whose_pages_share_a_large_drawing_does_not_fill_the_disk(tmp_path):
    source, target = tmp_path / "in.pdf", tmp_path / "out.pdf"
    with pikepdf.new() as made:
        packed = zlib.compress(b"% " + base64.b64encode(os.urandom(1024**2)), 1)
        shared = pikepdf.Stream(made, packed, Filter=pikepdf.Name.FlateDecode)
        for _ in range(120):
            made.add_blank_page(page_size=(300, 400))
            made.pages[-1].Contents = shared
        made.save(source, compress_streams=False)
    with pytest.raises(stamp.NotStamped, match="ended with 1"):
        stamp.make(source, target, WORDS)


def test_last_words_of_a_child_are_told_without_its_paths(tmp_path):
    source = tmp_path / "in.pdf"
    source.write_bytes(b"%PDF-1.7 no more")
    with pytest.raises(stamp.NotStamped) as told:
        stamp.make(source, tmp_path / "out.pdf", WORDS)
    assert "PdfError" in str(told.value)
    assert str(tmp_path) not in str(told.value)


def test_machine_that_can_start_no_child_stamps_nothing(tmp_path, monkeypatch):
    def run(*args, **options):
        raise OSError("Cannot allocate memory")

    monkeypatch.setattr(child.subprocess, "run", run)
    with pytest.raises(stamp.NotStamped):
        stamp.make(tmp_path / "in.pdf", tmp_path / "out.pdf", WORDS)
