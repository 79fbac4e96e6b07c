"""Hostile files by the hundred, and by ten thousand in the long run: each is recognised as what it is or refused in a
sentence, in little time and memory, and none makes a page of the site fail."""

from __future__ import annotations

import io
import os
import resource
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fileshare.inspection import formats, pdf
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import upload
from tests.drills import hostile
from tests.factories import make_editor_of, make_folder
from tests.fileshare.admin import details, objects

COUNT = 10_000 if os.environ.get("DRILL") == "all" else 300
SECONDS, MEGABYTES = 10, 512  # for one, of the processor; above what the process has already


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_each_is_recognised_or_refused_in_a_sentence(record_property):
    refused, longest, before = 0, 0.0, memory()
    for name, content in hostile.made(COUNT):
        begun, file = time.process_time(), io.BytesIO(content)
        try:
            found = formats.recognise(file, name)
        except formats.Refused as refusal:
            refused, sentence = refused + 1, str(refusal)
        else:
            sentence = "."
            assert name.lower().endswith(tuple(found.extensions)), name
            assert file.tell() == 0
        assert sentence.endswith("."), (name, sentence)
        clean = upload.clean_file_name(name)
        assert clean.isprintable()
        assert not set(clean) & {"/", "\\", "\0"}
        longest = max(longest, time.process_time() - begun)
    assert longest < SECONDS
    assert memory() - before < MEGABYTES
    record_property(
        "drill", f"{COUNT} hostile files and names looked at, {refused} refused; the longest {longest:.2f} s"
    )


@pytest.mark.django_db
def test_door_answers_each_with_a_page_and_keeps_none_that_it_refused(signed_in, record_property):
    folder, count, taken = make_folder("Guidance"), COUNT // 30, 0
    client = signed_in(make_editor_of(folder))
    filled = details(folder, same_file_too="on")
    for name, content in hostile.made(count, seed=5240):
        before = objects(), SharedDocument.objects.count(), DocumentVersion.objects.count()
        file = SimpleUploadedFile(name, content)
        answer = client.post("/admin/documents/add/", filled | {"file": file})
        assert answer.status_code in (200, 302), (name, answer.status_code)
        if answer.status_code == 200:
            assert (objects(), SharedDocument.objects.count(), DocumentVersion.objects.count()) == before, name
        taken += answer.status_code == 302
    record_property("drill", f"{count} of them brought to the upload form, {taken} taken in, no page failed")


def test_parser_of_pdfs_in_its_child_survives_each(tmp_path, record_property):
    count = COUNT // 100
    bent = [content for _name, content in hostile.made(count * 40, seed=5250) if content.startswith(b"%PDF")][:count]
    held, before = 0, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # of other tests' children
    for number, content in enumerate(bent):
        file = tmp_path / f"{number}.pdf"
        file.write_bytes(content)
        found = pdf.examine(str(file))
        held += found.active or found.damaged or found.pages is None
    spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert spent <= max(before, MEGABYTES * 1024)
    record_property("drill", f"{len(bent)} bent PDFs read in a child, {held} held in quarantine")
