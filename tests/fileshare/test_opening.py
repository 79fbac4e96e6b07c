"""What a reader page fetches first of a long PDF: that it holds what it should, and who gets it."""

from __future__ import annotations

import io
import os
import tempfile
from types import SimpleNamespace

import pikepdf
import pypdfium2
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from fileshare.derivatives import opening, stamp
from fileshare.inspection import child
from fileshare.models import Derivation
from fileshare.storage import new_preview_key
from tests.factories import make_folder, make_member, make_paper, make_user
from tests.fileshare.answers import SECURITY, bytes_of, newest_rows
from tests.marked import accept_terms, stamp_as_it_is

PAGES = 40
MODES = pikepdf.ObjectStreamMode


def noise(width, height):
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)).save(out, "JPEG", quality=90)
    return ImageReader(out)


def long_pdf(*, first_picture=None, **saving):
    """Its pages are spread over all its length, each with a picture of its own."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for number in range(1, PAGES + 1):
        canvas.drawString(72, 700, f"Section {number} on evacuation")
        canvas.drawImage((number == 1 and first_picture) or noise(80, 80), 72, 72)
        canvas.linkURL("https://example.net/", (72, 560, 200, 580))
        canvas.showPage()
    canvas.save()
    if not saving:
        return out.getvalue()
    saved = io.BytesIO()
    with pikepdf.open(io.BytesIO(out.getvalue())) as pdf:
        pdf.save(saved, **saving)
    return saved.getvalue()


@pytest.fixture(scope="module")
def paper_bytes():
    return long_pdf()


@pytest.fixture
def at(tmp_path):
    def put(content):
        (tmp_path / "paper.pdf").write_bytes(content)
        return str(tmp_path / "paper.pdf")

    return put


def together(first, rest):
    """As the reader page puts them together."""
    steps = -(-len(first) // opening.STEP) * opening.STEP
    return first.ljust(steps, b"\0") + rest + b"\n" + first[-opening.TAIL :]


def text_of(content, number):
    document = pypdfium2.PdfDocument(content)
    assert len(document) == PAGES
    return document[number - 1].get_textpage().get_text_bounded()


@pytest.mark.parametrize(
    "saving", [{}, {"linearize": True}, {"object_stream_mode": MODES.generate}], ids=["plain", "linear", "packed"]
)
def test_first_page_and_list_of_pages_are_whole_without_the_rest(at, saving):
    content = long_pdf(**saving)
    first = opening.build(at(content))
    assert 5_000 < len(first) < len(content) / 3
    nothing = bytes(len(content))
    assert text_of(together(first, nothing), 1) == "Section 1 on evacuation"
    assert text_of(together(first, nothing), 2) == ""
    whole = together(first, content)
    assert [text_of(whole, number) for number in (1, 2, PAGES)] == [
        f"Section {number} on evacuation" for number in (1, 2, PAGES)
    ]
    with pikepdf.open(io.BytesIO(whole)) as pdf:
        assert (len(pdf.pages), pdf.check_pdf_syntax()) == (PAGES, [])


def test_large_picture_of_the_first_page_stays_where_it_is(at, monkeypatch):
    monkeypatch.setattr(opening, "MOST_OF_PAGE", 10_000)
    content = long_pdf(first_picture=noise(300, 300))
    first = opening.build(at(content))
    assert 0 < len(first) < 15_000
    assert text_of(together(first, bytes(len(content))), 1) == "Section 1 on evacuation"
    seen = [pypdfium2.PdfDocument(each)[0].render().to_pil().tobytes() for each in (content, together(first, content))]
    assert seen[0] == seen[1]


def test_protected_mended_and_strange_files_have_none(at, paper_bytes):
    locked = long_pdf(encryption=pikepdf.Encryption(owner="owner", user=""))
    mended = paper_bytes[: paper_bytes.rindex(b"xref")]
    assert [opening.build(at(each)) for each in (locked, mended, b"\n" + paper_bytes)] == [b"", b"", b""]


def test_one_that_another_parser_does_not_understand_is_not_kept(at, monkeypatch, paper_bytes):
    made = opening._Opening._listed
    monkeypatch.setattr(opening._Opening, "_listed", lambda self, body, moved: made(self, body, moved + 1))
    assert opening.build(at(paper_bytes)) == b""


def test_trial_leaves_no_file_even_where_it_is_killed(at, tmp_path, monkeypatch, paper_bytes):
    """Nothing has a name that would have to be taken away again."""
    folder, seen, named = tmp_path / "temporary", opening._seen, []
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(opening, "_seen", lambda pdf: named.extend(folder.iterdir()) or seen(pdf))
    assert opening.build(at(paper_bytes))
    assert named == []


def test_child_makes_it_of_long_files_alone(at, paper_bytes, monkeypatch):
    path = at(paper_bytes)
    monkeypatch.setattr(opening, "LEAST", len(paper_bytes) + 1)
    assert opening.make(path) == b""
    monkeypatch.undo()
    assert opening.make(path).startswith(b"%PDF-1.7\n")
    monkeypatch.setattr(opening, "MOST", len(paper_bytes) - 1)
    assert opening.make(path) == b""


def test_stamped_copy_has_its_own_which_says_whose_it_is(at, tmp_path, paper_bytes):
    words = stamp.Words("TLP:AMBER", "", "", "A reader", "A reader", "").numbered("1234 5678 9012", "now")
    first = stamp.make(at(paper_bytes), tmp_path / "copy.pdf", words)
    text = " ".join(text_of(together(first, bytes((tmp_path / "copy.pdf").stat().st_size)), 1).split())
    assert "Section 1 on evacuation" in text
    assert "Copy 1234 5678 9012 for A reader" in text


def test_opening_that_defeats_its_parser_costs_a_stamped_copy_nothing_else(at, tmp_path, paper_bytes, monkeypatch):
    """Killed by its limits, for example: the copy has passed its trial, and its reader must get it."""
    words = stamp.Words("TLP:AMBER", "", "", "A reader", "A reader", "").numbered("1234 5678 9012", "now")
    run, seconds_of = child.run, {}

    def defeated(module, *arguments, seconds, told=""):
        seconds_of[module] = seconds
        if module == opening.__name__:
            raise child.Defeated("killed")
        return run(module, *arguments, seconds=seconds, told=told)

    monkeypatch.setattr(child, "run", defeated)
    assert stamp.make(at(paper_bytes), tmp_path / "copy.pdf", words) == b""
    assert "1234 5678 9012" in text_of((tmp_path / "copy.pdf").read_bytes(), PAGES)
    assert seconds_of == {stamp.__name__: stamp.SECONDS, opening.__name__: stamp.OPENING_SECONDS}
    seconds_of.clear()
    clock = iter([0, stamp.SECONDS - 0.5])
    monkeypatch.setattr(stamp, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    assert stamp.make(at(paper_bytes), tmp_path / "copy.pdf", words) == b""
    assert seconds_of == {stamp.__name__: stamp.SECONDS}  # whoever waits for it waits no longer


# --- Who gets it ------------------------------------------------------------------------------------------------


@pytest.fixture
def paper(db):
    """A paper of one folder's members with an opening."""
    paper = make_paper("A long paper", collection=make_folder("Reading room"))
    key = default_storage.save(new_preview_key(), ContentFile(b"the opening"))
    Derivation.objects.create(version=paper.current_version, state="made", opening=key, opening_size=11)
    return paper


def address_of(paper):
    return f"{paper.current_version.content_url}?part=opening"


def test_reader_of_the_paper_gets_it_within_the_reading(signed_in, paper):
    reader = signed_in(make_member())
    assert f'data-opening="{address_of(paper)}"' in reader.get(paper.read_url).content.decode()
    rows = newest_rows(1)
    response = reader.get(address_of(paper))
    assert (response.status_code, bytes_of(response), response["Content-Length"]) == (200, b"the opening", "11")
    assert {name: response[name] for name in SECURITY} == SECURITY
    assert response["Content-Disposition"] == 'attachment; filename="opening"'
    assert newest_rows(1) == rows


def test_whoever_asks_for_it_without_the_page_is_recorded(signed_in, paper):
    user = make_member()
    assert bytes_of(signed_in(user).get(address_of(paper))) == b"the opening"
    assert newest_rows(1) == [("read", user.pk, "document", str(paper.uuid), "", {"version": 1})]


def test_nobody_else_gets_it(client, signed_in, paper):
    assert client.get(address_of(paper)).status_code == 302
    assert signed_in(make_user()).get(address_of(paper)).status_code == 404
    assert newest_rows(1)[0][0] == "refused"


def test_that_of_the_file_does_not_go_with_a_stamped_copy(signed_in, paper, monkeypatch):
    """It was made of the file without the stamp."""
    stamp_as_it_is(monkeypatch)
    user = make_member()
    paper.marking = "TLP:AMBER"
    paper.save()
    accept_terms([paper], user)
    reader = signed_in(user)
    page = reader.get(paper.read_url).content.decode()
    assert "data-address" in page
    assert "data-opening" not in page
    number = page.partition("?copy=")[2][:12]
    for more in ("", f"&copy={number}"):
        response = reader.get(address_of(paper) + more)
        assert (response.status_code, b"the opening" in response.content) == (404, False)
    other, rows = signed_in(user), newest_rows(9)
    assert other.get(f"{address_of(paper)}&copy={number}").status_code == 404
    assert newest_rows(9) == rows


def test_paper_without_one_says_so(signed_in):
    paper, reader = make_paper(), signed_in(make_member())
    assert "data-opening" not in reader.get(paper.read_url).content.decode()
    assert reader.get(address_of(paper)).status_code == 404


def test_opening_that_is_not_there_is_no_reading(signed_in):
    paper, reader = make_paper(), signed_in(make_member())
    rows = newest_rows(9)
    assert reader.get(address_of(paper)).status_code == 404
    assert newest_rows(9) == rows
    bytes_of(reader.get(paper.current_version.content_url))  # which continues nothing
    assert newest_rows(1)[0][0] == "read"
