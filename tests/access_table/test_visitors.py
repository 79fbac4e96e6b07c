"""A visitor learns nothing of what there is."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from members.models import AccessRecord

pytestmark = pytest.mark.xdist_group("access table")


VARIANTS = [
    {},
    {"range": "bytes=0-4"},
    {"range": "bytes=9999999-"},
    {"if-none-match": "*"},
    {"if-none-match": "{etag}"},
    {"if-match": '"something else"'},
    {"range": "bytes=0-4", "if-range": "{etag}"},
    {"x-requested-with": "XMLHttpRequest"},
]


def answer_to(client: Client, method: str, address: str, headers: dict[str, str]) -> tuple[Any, ...]:
    """All of an answer, but for the way back that it names."""
    response = client.generic(method, address, headers=headers)
    kept = {name: value for name, value in response.items() if name != "Location"}
    location = response["Location"].split("?next=")
    assert location[1:] == [quote(address, safe="/%")], location
    return response.status_code, location[0], kept, response.content, dict(response.cookies)


def test_visitors_get_one_answer_for_whatever_lies_below_files_and_documents(world):
    paper, hidden = world.papers["green"], world.papers["embargoed in the committee"]
    pairs = [
        (f"/files/document/{there}/{rest}", f"/files/document/{world.unknown}/{rest}")
        for there in (paper.uuid, hidden.uuid)
        for rest in ("", "download/", "read/", "versions/1/content/", "versions/1/download/", "nonsense")
    ]
    pairs += [
        (f"/files/archive/?document={hidden.uuid}", f"/files/archive/?document={world.unknown}"),
        ("/files/archive/?folder=ours/committee", "/files/archive/?folder=x"),
        ("/files/ours/committee/", "/files/ours/no-such-folder/"),
        ("/files/ours/guidance/", "/files/x/"),
        ("/files/ours/guidance/?page=2", "/files/x/?page=99"),
        (f"/documents/{paper.pk}/paper.txt", "/documents/999999/paper.txt"),
        (f"/documents/{paper.pk}/wrong.txt", f"/documents/{paper.pk}/paper.txt"),
        (f"/documents/{hidden.pk}/paper.txt", "/documents/999999/paper.txt"),
        (f"/documents/{hidden.pk}/{hidden.file.name}", "/documents/999999/paper.txt"),
    ]
    visitor = world.clients["vis"]
    answers = []
    for there, not_there in pairs:
        for method in ("GET", "HEAD", "OPTIONS"):
            for variant in VARIANTS:
                etag = f'"{paper.current_version.token.hex}"'
                headers = {name: value.replace("{etag}", etag) for name, value in variant.items()}
                first = answer_to(visitor, method, there, headers)
                second = answer_to(visitor, method, not_there, headers)
                assert first == second, (method, there, headers)
                answers.append(first)
    statuses = {(status, location) for status, location, *_rest in answers}
    assert statuses == {(302, "/account/login/")}
    assert len({repr(answer) for answer in answers}) == 1
    assert answers[0][2] == {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": "0",
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": answers[0][2]["Content-Security-Policy"],
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "Vary": "Cookie",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def test_visitors_leave_no_row_in_the_record(world):
    before = AccessRecord.objects.count()
    world.clients["vis"].get(f"/files/document/{world.uuid('green')}/download/")
    assert AccessRecord.objects.count() == before
