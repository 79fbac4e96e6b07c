"""Hostile files by the hundred, and by ten thousand in the long run: each is recognised as what it is or refused in a
sentence, in little time and memory, and none makes a page of the site fail."""

from __future__ import annotations

import io
import os
import resource
import time
from collections import Counter

import pytest
from django.conf import settings
from django.core.cache import cache
from wagtail.models import UploadedFile

from fileshare.inspection import formats, pdf
from fileshare.models import DocumentVersion
from fileshare.services import upload
from tests.drills import hostile
from tests.fileshare.admin import objects
from tests.fileshare.test_every_door import DOORS, Doors

SAMPLE = 300
COUNT = 10_000 if os.environ.get("DRILL") == "all" else SAMPLE
SECONDS, MEGABYTES = 10, 512  # for one, of the processor; above what the process has already


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_each_is_recognised_or_refused_in_a_sentence(count):
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
    count("Hostile files and names looked at", 10_000, COUNT, said=f"{refused} refused; the longest {longest:.2f} s")


def on_a_disk(name: str) -> str:
    """As near as a file can be called so."""
    near = name.translate({0: "_", ord("/"): "_"}).encode()[-255:].decode(errors="ignore")
    return near if near.strip(".") else f"{near}_"


def in_the_store() -> set[str]:
    return {path.relative_to(settings.PRIVATE_ROOT).as_posix() for path in objects()}


@pytest.mark.django_db
def test_door_answers_each_with_a_page_and_keeps_none_that_it_refused(tmp_path, count):
    many = COUNT if COUNT > SAMPLE else COUNT // 30
    for left_by_others in objects():
        left_by_others.unlink()
    taken, brought, longest, before = Counter[str](), Counter[str](), 0.0, memory()
    doors = Doors(tmp_path)
    for number, (name, content) in enumerate(hostile.made(many, seed=5240)):
        if number % 300 == 0:  # an hour later: a member may bring so many at a time
            cache.clear()
        door = DOORS[number % len(DOORS)]
        had, begun = DocumentVersion.objects.count(), time.process_time()
        answer = door(doors, content, on_a_disk(name) if door is Doors.folder_of_files else name)
        longest = max(longest, time.process_time() - begun)
        for waiting in UploadedFile.objects.all():  # dropped, and its details were refused: it waits for better ones
            waiting.file.delete(save=False)
            waiting.delete()
        assert isinstance(answer, str) or answer.status_code in (200, 302, 400), (
            door.__name__,
            name,
            answer.status_code,
        )
        is_in = DocumentVersion.objects.count() - had
        assert is_in in (0, 1)
        if is_in:
            called = DocumentVersion.objects.latest("pk").file_name
            assert called.isprintable()
            assert not set(called) & {"/", "\\"}
        brought[door.__name__] += 1
        taken[door.__name__] += is_in
        if number % 300 == 299 or number == many - 1:
            assert in_the_store() == set(DocumentVersion.objects.values_list("file", flat=True)), number
    assert longest < SECONDS
    assert memory() - before < MEGABYTES
    each = ", ".join(f"{name} {brought[name]} ({taken[name]} taken in)" for name in brought)
    count(
        "Hostile files brought to a door",
        10_000,
        number + 1,
        said=f"the longest {longest:.2f} s; {each.replace('_', ' ')}",
    )


def test_parser_of_pdfs_in_its_child_survives_each(tmp_path, count):
    many = COUNT // 100
    bent = [content for _name, content in hostile.made(many * 40, seed=5250) if content.startswith(b"%PDF")][:many]
    held, before = 0, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # of other tests' children
    for number, content in enumerate(bent):
        file = tmp_path / f"{number}.pdf"
        file.write_bytes(content)
        found = pdf.examine(str(file))
        held += found.active or found.damaged or found.pages is None
    spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert spent <= max(before, (memory() + MEGABYTES) * 1024)  # a child begins with what this process has
    count("Bent PDFs read in a child", 100, len(bent), said=f"{held} held in quarantine")
