"""First pages as pictures: in lists and on a paper's page, and what the record says of them."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from fileshare.models import Derivation, SharedDocument
from members.models import AccessRecord
from tests.factories import make_folder
from tests.fileshare.lists import page_at, text_paper, titles

pytestmark = pytest.mark.django_db


def with_preview(paper):
    small, large = (default_storage.save(f"previews/aa/{paper.pk}{size}", ContentFile(b"x")) for size in "sl")
    Derivation.objects.create(
        version=paper.current_version, state="made", small=small, large=large, width=800, height=1131
    )


def test_grid_shows_first_pages_and_stand_ins(member_client):
    shown, amber, without = (text_paper(title) for title in ("Shown", "Amber", "Without"))
    for paper in (shown, amber):
        with_preview(paper)
    SharedDocument.objects.filter(pk=amber.pk).update(marking="TLP:AMBER")
    page = page_at(member_client, "/files/?view=grid")
    cards = {card.h2.get_text(): card for card in page.select("ul.paper-grid > li[data-document]")}
    assert list(cards) == ["Without", "Amber", "Shown"]
    image = cards["Shown"].img
    assert (image["src"], image["width"], image["height"], image["alt"], image["loading"]) == (
        f"/files/document/{shown.uuid}/preview/1/small/", "200", "283", "", "lazy",
    )  # fmt: skip
    assert [bool(cards[name].select_one(".document-sheet")) for name in ("Amber", "Without")] == [True, True]
    assert page.select(".paper-row") == []
    assert page_at(member_client, "/files/").select("img") == []
    assert without.title in titles(page)


def test_view_goes_along_from_folder_to_folder(member_client):
    inner = make_folder("Inner", parent=make_folder("Outer"))
    text_paper(collection=inner)
    page = page_at(member_client, "/files/outer/?view=grid")
    links = {each["href"] for each in page.select(".folder-tree a, .subfolders a") if "inner" in each["href"]}
    assert links == {"/files/outer/inner/?view=grid"}
    assert page_at(member_client, "/files/outer/").select_one(".subfolders a")["href"] == "/files/outer/inner/"


def test_preview_that_the_store_has_lost_is_not_there_for_now(member_client):
    paper = text_paper()
    with_preview(paper)
    default_storage.delete(paper.current_version.derivation.small.name)
    response = member_client.get(f"/files/document/{paper.uuid}/preview/1/small/")
    assert (response.status_code, response["Retry-After"]) == (503, "120")


def test_preview_is_inert_and_nobody_keeps_it(member_client):
    paper = text_paper()
    with_preview(paper)
    response = member_client.get(f"/files/document/{paper.uuid}/preview/1/large/")
    kept = ("Content-Type", "Cache-Control", "X-Content-Type-Options", "Content-Disposition",
            "Cross-Origin-Resource-Policy", "Content-Security-Policy")  # fmt: skip
    assert [response[name] for name in kept] == [
        "image/webp", "private, no-store", "nosniff", "inline", "same-origin",
        "default-src 'none'; sandbox; frame-ancestors 'none'",
    ]  # fmt: skip


def opened(paper):
    return list(AccessRecord.objects.filter(action="opened", object_id=paper.uuid).values_list("details", flat=True))


def test_legible_picture_never_leaves_without_a_row_of_the_record(member_client):
    paper = text_paper()
    with_preview(paper)
    address = f"/files/document/{paper.uuid}/preview/1/"
    member_client.get(f"{address}small/")
    assert opened(paper) == []
    member_client.get(f"{address}large/")
    member_client.get(f"{address}large/")
    assert opened(paper) == [{"version": 1, "preview": True}]
    other = text_paper()
    with_preview(other)
    member_client.get(other.get_absolute_url())
    member_client.get(f"/files/document/{other.uuid}/preview/1/large/")  # as its page does
    assert opened(other) == [{}]


def test_preview_waits_for_what_the_marking_asks(member_client):
    paper = text_paper()
    with_preview(paper)
    SharedDocument.objects.update(marking="TLP:AMBER")
    assert member_client.get(f"/files/document/{paper.uuid}/preview/1/small/").status_code == 404
    assert page_at(member_client, paper.get_absolute_url()).select(".first-page") == []


def test_small_picture_that_is_the_largest_is_recorded_and_a_red_paper_has_none(member_client, monkeypatch):
    paper = text_paper()
    with_preview(paper)
    monkeypatch.setattr("fileshare.access.requirements", lambda *args: [])
    address = f"/files/document/{paper.uuid}/preview/1/"
    SharedDocument.objects.update(marking="TLP:AMBER")
    for size, status in (("large", 404), ("small", 200), ("small", 200)):
        assert member_client.get(f"{address}{size}/").status_code == status
    assert opened(paper) == [{"version": 1, "preview": True}]
    SharedDocument.objects.update(marking="TLP:RED")
    paper.refresh_from_db()
    paper.recipients.add(member_client.session["_auth_user_id"])
    assert member_client.get(f"{address}small/").status_code == 404
    assert page_at(member_client, paper.get_absolute_url()).select(".first-page") == []
