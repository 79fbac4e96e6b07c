"""Registers as they come, and as nobody can read them."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.management import CommandError, call_command

from members.models import MembershipLevel


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", "E-mail\n")
    return out.getvalue()


GOOD = """\
Membership No,Forename,Surname,E-mail Address,Membership type,Company,Joined,Expiry date
17,Ada,Byron,ADA@Example.org,Fellow,City Hall,01/02/2019,31/12/2099
,Élodie,"O'Neil, Jr",elodie@example.org,,"Pell, Water & Co",2020-03-04,
"""
FILES = [
    (b"", "The file is empty."),
    (b"\xef\xbb\xbf\r\n \r\n", "The file is empty."),
    (b"E-mail,Name\n", "The file has a first line, and nobody below it."),
    (zipped(), "This is an Excel workbook or a zip archive under the name of a CSV file."),
    (b"%PDF-1.7\n", "This is a PDF under the name of a CSV file."),
    (b"E-mail,Name\na@example.org,\0\n", "This is no text."),
    (b"E-mail,Name\na@example.org,\x81\n", "Line 2 has characters in an encoding that cannot be guessed."),
    (b"\xff\xfeE", "The file is damaged"),
    (",".join(f"Column {each}" for each in range(200)).encode() + b"\n1\n", "The file has 200 columns, and at most 50"),
    (b'E-mail,Name\na@example.org,"open\n', "Line 2 cannot be read as CSV"),
    (b'E-mail,Name\na@example.org,"x"y\n', "Line 2 cannot be read as CSV"),
    (b"E-mail,Name\na@example.org," + b"x" * 140_000 + b"\n", "Line 2 cannot be read as CSV"),
    (b"Phone,Shoes\n1,2\n", "No column holds the e-mail address, by which people are known to the site."),
    (b"E-mail,Shoes\n1,2\n", "No column holds the name, or the last name."),
]


def rows(*rows, head="E-mail,Last name,Number,Level,Organisation,Member since,Member until"):
    return "\n".join([head, *rows]) + "\n"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Years that stay possible however late the test is run."""
    monkeypatch.setattr("members.csv_rows.LONGEST_YEARS", 100)


@pytest.fixture
def level():
    return MembershipLevel.objects.create(name="Fellow")


@pytest.fixture
def run(tmp_path, capsys):
    """Import at the console: (what was said, what was complained about, whether it went through)."""

    def make(content, *options):
        file = tmp_path / "register.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            call_command("import_members", str(file), *options)
            complaint = ""
        except CommandError as error:
            complaint = str(error)
        said = capsys.readouterr()
        return said.out, said.err + complaint, not complaint

    return make
