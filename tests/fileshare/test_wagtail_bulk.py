"""What is done with several papers at once in the administration: with all of them or with none."""

from __future__ import annotations

import datetime
import html
import re

import pytest
from django.db.models.signals import post_init
from django.utils import timezone
from wagtail.search import index as search_index

from fileshare.models import SharedDocument
from fileshare.services import edit_many, publish
from members.models import AccessRecord, Organisation
from tests.factories import add_version, make_editor_of, make_folder, make_member, make_paper
from tests.fileshare import files
from tests.fileshare.admin import local

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def client(editor, signed_in):
    return signed_in(editor)


@pytest.fixture
def papers(folder):
    return [make_paper(f"Paper {letter}", collection=folder) for letter in "AB"]


def address(papers, action="edit"):
    numbers = "&".join(f"id={getattr(paper, 'pk', paper)}" for paper in papers)
    return f"/admin/bulk/fileshare/shareddocument/{action}/?{numbers}"


def words(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def hidden(response):
    """What the page that asks once more sends."""
    found = re.findall(r'<input type="hidden" name="(\w+)" (?:value="([^"]*)")?', response.content.decode())
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def change(client, papers, **wanted):
    """Both steps; the answer to the first where it is refused there."""
    response = client.post(address(papers), wanted)
    if "confirmed" not in hidden(response):
        return response
    return client.post(address(papers), hidden(response))


def facts(papers):
    for paper in papers:
        paper.refresh_from_db()
    return [(paper.marking, paper.source, paper.expires_at) for paper in papers]


def test_editor_sees_what_will_change_and_then_it_does(client, editor, papers):
    source = Organisation.objects.create(name="The <source>")
    SharedDocument.objects.filter(pk=papers[1].pk).update(source=source)
    expiry = (timezone.now() + 30 * DAY).replace(second=0, microsecond=0)
    before = AccessRecord.objects.count()
    assert "You chose 2 papers: Paper A Paper B" in words(client.get(address(papers)))
    wanted = {"marking": "TLP:AMBER", "marking_reason": "Names", "source": source.pk, "expires_at": local(expiry)}
    asked = client.post(address(papers), wanted)
    said = words(asked)
    assert "This will change in 2 papers: Paper A marking: TLP:GREEN → TLP:AMBER" in said
    assert said.count("source organisation: none → The <source>") == 1
    assert said.count("expiry: never → ") == 2
    assert facts(papers) == [("TLP:GREEN", None, None), ("TLP:GREEN", source, None)]
    assert AccessRecord.objects.count() == before
    answer = client.post(address(papers) + "&next=/admin/documents/", hidden(asked))
    assert (answer.status_code, answer["Location"]) == (302, "/admin/documents/")
    assert facts(papers) == [("TLP:AMBER", source, expiry)] * 2
    rows = AccessRecord.objects.order_by("pk")[before:]
    marking = {"from": "TLP:GREEN", "to": "TLP:AMBER"}
    assert [(row.action, row.actor_id, row.object_id, row.reason, row.details) for row in rows] == [
        (
            "changed", editor.pk, str(paper.uuid), "Names",
            {"fields": [*(["expires_at"]), "marking", *(["source"] if paper == papers[0] else [])], "marking": marking},
        )
        for paper in papers
    ]  # fmt: skip
    assert change(client, papers, no_source="on", no_expiry="on").status_code == 302
    assert facts(papers) == [("TLP:AMBER", None, None)] * 2
    assert "there is nothing to change" in words(client.post(address(papers), {"no_expiry": "on"}))


def test_change_that_does_not_fit_one_paper_changes_none(client, folder, papers):
    word = make_paper("The Word file", collection=folder, content=files.docx_file(), file_name="a.docx")
    late = make_paper("The late", collection=folder, publish_at=timezone.now() + 60 * DAY)
    chosen = [*papers, word, late]
    before, rows = facts(chosen), AccessRecord.objects.count()
    tomorrow = local(timezone.now() + DAY)
    for wanted, sentence in (
        ({"marking": "TLP:AMBER"}, "Please say in a few words why the marking changes."),
        ({"marking": "TLP:AMBER", "marking_reason": "x"}, "“The Word file”: Only a PDF can be marked above TLP:GREEN."),
        ({"marking": "TLP:RED", "marking_reason": "x"}, "“Paper A” has no named recipients, which TLP:RED needs."),
        ({"expires_at": tomorrow}, "“The late” is published on"),
        ({"expires_at": "9999-12-31T23:59"}, "the expiry lies between 1990 and"),
        ({"expires_at": tomorrow, "no_expiry": "on"}, "Please choose one or the other."),
        ({"marking": "TLP:PINK"}, "Select a valid choice."),
        ({}, "Please say what is to change."),
    ):
        for confirmed in ({}, {"confirmed": "1"}):
            response = client.post(address(chosen), wanted | confirmed)
            assert response.status_code == 200, wanted
            assert sentence in words(response)
    assert facts(chosen) == before
    assert AccessRecord.objects.count() == rows


def test_one_paper_that_is_not_the_editor_s_refuses_all(client, folder, papers, signed_in):
    """And is refused like a number that nothing has."""
    secret = make_paper("Zanzibar", collection=make_folder("Elsewhere"))
    for chosen in ([*papers, secret], [*papers, 99_999_999], [secret], [], ["x"], [*papers, "9" * 30]):
        for response in (client.get(address(chosen)), change(client, chosen, no_expiry="on", marking="TLP:CLEAR")):
            assert response.status_code == 404
            assert "Zanzibar" not in response.content.decode()
    assert signed_in(make_member()).get(address(papers)).status_code == 403
    assert {paper.marking for paper in SharedDocument.objects.all()} == {"TLP:GREEN"}


def test_paper_that_changed_meanwhile_refuses_all(editor, papers):
    read = list(SharedDocument.objects.order_by("pk"))
    add_version(papers[1], b"text", file_name="a.txt")
    changes = {"marking": "TLP:AMBER"}
    with pytest.raises(edit_many.ValidationError, match="Somebody else has changed one of these papers meanwhile"):
        edit_many.edit(papers=read, by=editor, changes=changes, reason="x")
    with pytest.raises(edit_many.ValidationError, match="Somebody else"):
        edit_many.edit(papers=papers, by=make_editor_of(make_folder()), changes={"marking": "TLP:CLEAR"}, reason="x")
    assert {marking for marking, _source, _expiry in facts(papers)} == {"TLP:GREEN"}


@pytest.mark.parametrize("action", ["edit", "delete", "add_tags", "add_to_collection"])
def test_all_in_the_listing_are_those_that_the_list_shows(client, folder, papers, action):
    """With its filters and its search, which Wagtail's own actions forget."""
    publish.withdraw(document=papers[1], by=None, reason="A slip")
    other = make_folder("Below", parent=folder)
    third = make_paper("Paper C", collection=other)
    for paper in (*papers, third):
        search_index.insert_or_update_object(paper)

    def named(query):
        response = client.get(address(["all"], action) + query)
        return sorted(set(re.findall(r"Paper [ABC]", words(response)))) if response.status_code == 200 else []

    assert named("") == ["Paper A", "Paper B", "Paper C"]
    assert named("&state=withdrawn") == ["Paper B"]
    assert named(f"&collection_id={other.pk}") == named(f"&childOf={other.pk}") == ["Paper C"]
    assert named("&state=nonsense") == []
    assert named("&q=nothing") == []
    assert named("&q=Paper") == ["Paper A", "Paper B", "Paper C"]


@pytest.mark.parametrize("query", ["", "&q=Paper"])
def test_all_in_a_long_listing_are_not_fetched_to_be_counted(client, folder, papers, monkeypatch, query):
    monkeypatch.setattr(edit_many, "MOST", 1)
    for paper in (*papers, *(make_paper(f"Paper {number}", collection=folder) for number in range(8))):
        search_index.insert_or_update_object(paper)
    made = []
    note = lambda instance, **kwargs: made.append(instance.pk)  # noqa: E731 -- a receiver is held by its name alone
    post_init.connect(note, sender=SharedDocument)
    try:
        answer = client.get(f"{address(['all'])}{query}")
    finally:
        post_init.disconnect(note, sender=SharedDocument)
    assert answer.status_code == 302
    assert len(made) <= 2 * (edit_many.MOST + 1)


def test_more_papers_than_can_be_changed_at_once_are_asked_to_be_fewer(client, papers, monkeypatch):
    monkeypatch.setattr(edit_many, "MOST", 1)
    answer = client.post(address(papers) + "&next=/admin/documents/", {"no_expiry": "on"}, follow=True)
    assert "Please narrow the list: at most 1 papers can be changed at once." in words(answer)
    monkeypatch.setattr(edit_many, "MOST", 500)
    monkeypatch.setattr(edit_many, "MOST_EXAMINED", 1)
    response = change(client, papers, marking="TLP:AMBER", marking_reason="x")
    assert "please choose at most 1 papers" in words(response)


def test_paper_that_comes_after_the_page_was_shown_is_not_changed_by_it(client, folder, papers):
    page = client.get(address(["all"]))
    later = make_paper("Paper C", collection=folder)
    action = html.unescape(re.search(r'<form action="([^"]*/bulk/[^"]*)"', page.content.decode())[1])
    wanted = {"marking": "TLP:CLEAR", "marking_reason": "Asked for"}
    assert client.post(action, wanted | {"confirmed": "yes"}).status_code == 302
    marked = SharedDocument.objects.order_by("title").values_list("title", "marking")
    assert dict(marked) == {"Paper A": "TLP:CLEAR", "Paper B": "TLP:CLEAR", later.title: "TLP:GREEN"}
