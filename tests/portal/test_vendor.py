"""What others have written and the site serves is what they published."""

from __future__ import annotations

import hashlib

import pytest
from django.conf import settings
from django.test import Client

PDFJS = settings.BASE_DIR / "static" / "vendor" / "pdfjs"
OWN = {"README.txt", "SHA256SUMS"}


def test_every_file_of_pdfjs_has_the_sum_that_was_written_down():
    lines = (PDFJS / "SHA256SUMS").read_text().splitlines()
    wanted = {name.removeprefix("./"): digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = {
        str(file.relative_to(PDFJS)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in PDFJS.rglob("*")
        if file.is_file() and file.name not in OWN
    }
    assert found == wanted
    assert (PDFJS / "VERSION").read_text().strip() in (PDFJS / "pdf.min.mjs").read_text()


def test_pdfjs_runs_no_text_as_a_script():
    for file in (*PDFJS.glob("*.mjs"), *(PDFJS / "decoders").glob("*.js")):
        text = file.read_text()
        assert "new Function(" not in text, file
        assert "eval(" not in text, file


@pytest.mark.parametrize("name", ["pdf.min.mjs", "pdf.worker.min.mjs", "decoders/openjpeg_nowasm_fallback.js"])
def test_modules_are_served_as_scripts(db, name):
    response = Client().get(f"/static/vendor/pdfjs/{name}")
    b"".join(response)
    assert (response.status_code, response["Content-Type"].split(";")[0]) == (200, "text/javascript")
    assert response["X-Content-Type-Options"] == "nosniff"
