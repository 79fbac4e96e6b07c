"""Zips that are written while they are sent: the format itself, as other programs understand it."""

from __future__ import annotations

import datetime
import io
import shutil
import subprocess
import tracemalloc
import unicodedata
import zipfile
import zlib

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from fileshare.archive import MAX_NAME, Archive, Cut, Entry, Names, safe_name

MOMENT = datetime.datetime(2026, 3, 4, 15, 16, 18, tzinfo=datetime.UTC)
CONTENTS = {"a.txt": b"first", "b/Отчёт 2026.txt": b"second" * 100, "b/空.txt": b"", "b/c/last.bin": bytes(range(256))}


def entry(name, content=b"", *, size=None):
    return Entry(name, len(content) if size is None else size, zlib.crc32(content), MOMENT, content)


def from_bytes(content, start, length):
    """In small pieces, as a store gives them."""
    wanted = content[start : start + length]
    return [wanted[at : at + 100] for at in range(0, len(wanted), 100)]


def whole(archive, read=from_bytes):
    return b"".join(archive.stream(0, archive.size, read))


@pytest.fixture
def archive():
    return Archive([entry(name, content) for name, content in CONTENTS.items()])


def test_zip_is_as_long_as_was_said_and_gives_the_files_back(archive):
    made = whole(archive)
    assert len(made) == archive.size
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        assert opened.testzip() is None
        assert {each.filename: opened.read(each) for each in opened.infolist()} == CONTENTS
        for each in opened.infolist():
            assert (each.compress_type, each.external_attr >> 16) == (zipfile.ZIP_STORED, 0o100644)
            assert each.flag_bits == 1 << 11
            assert each.date_time == (2026, 3, 4, 15, 16, 18)


@pytest.mark.skipif(shutil.which("unzip") is None, reason="no unzip: install Debian's package unzip")
def test_zip_is_unpacked_by_unzip(archive, tmp_path):
    (tmp_path / "made.zip").write_bytes(whole(archive))
    environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    subprocess.run(["unzip", "-q", "made.zip"], cwd=tmp_path, env=environment, check=True)
    assert {name: (tmp_path / name).read_bytes() for name in CONTENTS} == CONTENTS


def test_zip_of_nothing_is_a_zip():
    with zipfile.ZipFile(io.BytesIO(whole(Archive([])))) as opened:
        assert opened.namelist() == []


def test_any_part_of_a_zip_is_that_part(archive):
    made = whole(archive)
    for start in range(0, archive.size, 37):
        left = archive.size - start
        for length in (1, min(90, left), left):
            assert b"".join(archive.stream(start, length, from_bytes)) == made[start : start + length], (start, length)


class Virtual(io.RawIOBase):
    """A zip that is never there as a whole."""

    def __init__(self, archive):
        self.archive, self.place = archive, 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=io.SEEK_SET):
        self.place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.archive.size}[whence]
        return self.place

    def tell(self):
        return self.place

    def readinto(self, buffer):
        length = min(len(buffer), self.archive.size - self.place)
        got = b"".join(self.archive.stream(self.place, length, zeros_or_bytes)) if length > 0 else b""
        buffer[: len(got)] = got
        self.place += len(got)
        return len(got)


def zeros_or_bytes(content, start, length):
    return [content[start : start + length]] if content else [bytes(length)]


def test_files_and_places_beyond_four_gigabytes_are_found():
    five = 5 * 1024**3
    archive = Archive([entry("large.mp4", size=five), entry("after.txt", b"after"), entry("full.bin", size=0xFFFFFFFF)])
    with zipfile.ZipFile(Virtual(archive)) as opened:
        assert [(each.filename, each.file_size) for each in opened.infolist()] == [
            ("large.mp4", five),
            ("after.txt", 5),
            ("full.bin", 0xFFFFFFFF),
        ]
        assert opened.getinfo("after.txt").header_offset > five
        assert opened.read("after.txt") == b"after"
        with opened.open("large.mp4") as large:
            assert large.read(2) == b"\0\0"


def test_more_files_than_the_old_format_counts_are_found():
    archive = Archive([entry(f"{number}.txt", b"x") for number in range(65_536)])
    with zipfile.ZipFile(io.BytesIO(whole(archive))) as opened:
        assert len(opened.infolist()) == 65_536
        assert opened.read("65535.txt") == b"x"


def test_memory_does_not_grow_with_the_size_of_the_files():
    archive = Archive([entry("large.bin", size=256 * 1024**2)])
    piece = bytes(256 * 1024)
    tracemalloc.start()
    try:
        sent = sum(len(each) for each in archive.stream(0, archive.size, lambda *_: (piece for _ in range(1024))))
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (sent, peak < 1024**2) == (archive.size, True)


@pytest.mark.parametrize("pieces", [[b"fir"], []])
def test_file_that_ends_too_early_cuts_the_zip(pieces):
    archive = Archive([entry("a.txt", b"first")])
    with pytest.raises(Cut, match=r"a.txt: ended \d bytes too early") as cut:
        whole(archive, lambda *_: pieces)
    assert cut.value.entry.name == "a.txt"


def test_file_that_fails_cuts_the_zip_and_names_it(archive):
    def fail(content, start, length):
        if content == CONTENTS["b/Отчёт 2026.txt"]:
            raise ConnectionError("gone")
        return from_bytes(content, start, length)

    with pytest.raises(Cut) as cut:
        whole(archive, fail)
    assert cut.value.entry.name == "b/Отчёт 2026.txt"


@pytest.mark.parametrize("year", [1970, 1980, 2107, 2150])
def test_moment_that_the_format_does_not_know_is_brought_within(year):
    made = whole(Archive([Entry("a", 0, 0, datetime.datetime(year, 5, 6, tzinfo=datetime.UTC), b"")]))
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        assert opened.infolist()[0].date_time[:3] == (min(max(year, 1980), 2107), 5, 6)


def test_time_of_day_is_the_sites_own():
    summer = datetime.datetime(2026, 7, 1, 12, 0, tzinfo=datetime.UTC)
    with zipfile.ZipFile(io.BytesIO(whole(Archive([Entry("a", 0, 0, summer, b"")])))) as opened:
        assert opened.infolist()[0].date_time[3] == timezone.localtime(summer).hour


# --- Names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Plain name.pdf", "Plain name.pdf"),
        ("Отчёт 2026.pdf", "Отчёт 2026.pdf"),
        ("报告.pdf", "报告.pdf"),
        ("📄.pdf", "📄.pdf"),
        (unicodedata.normalize("NFD", "Größe.pdf"), "Größe.pdf"),
        ('a/b\\c:d*e?f"g<h>i|j.pdf', "a_b_c_d_e_f_g_h_i_j.pdf"),
        ("..", "_"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("", "_"),
        (" . ", "_"),
        ("trailing. . ", "trailing"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1.pdf", "_com1.pdf"),
        ("console.pdf", "console.pdf"),
        ("two\r\nlines\0.pdf", "twolines.pdf"),
        ("right\u202eft.pdf", "rightft.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("ё" * 300 + ".pdf", "ё" * 98 + ".pdf"),
        ("x" * 300, "x" * 200),
    ],
)
def test_name_is_safe_everywhere(name, safe):
    assert safe_name(name) == safe


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=260), max_size=3), st.text(max_size=260))
def test_whatever_the_name_the_path_stays_inside(folders, name):
    path = Names().path_for(folders, name)
    parts = path.split("/")
    assert len(parts) == len(folders) + 1
    for part in parts:
        assert part not in {"", ".", ".."}
        assert len(part.encode()) <= MAX_NAME + 1
        assert not set('<>:"\\|?*\0\r\n') & set(part)


def test_same_names_get_numbers_whatever_their_capitals():
    names = Names()
    made = [
        names.path_for(["A"], name) for name in ("Report.pdf", "report.PDF", "Report.pdf", "Report (2).pdf", "x", "X")
    ]
    assert made == ["A/Report.pdf", "A/report (2).PDF", "A/Report (3).pdf", "A/Report (2) (2).pdf", "A/x", "A/X (2)"]
    assert names.path_for(["B"], "Report.pdf") == "B/Report.pdf"
    assert len({path.casefold() for path in made}) == len(made)


def test_ten_thousand_papers_of_one_name_are_named_apart():
    names = Names()
    assert len({names.path_for([], "Minutes.pdf") for _ in range(10_000)}) == 10_000
