"""The search: what a person may read is found by its words, and nothing else is, or is even counted."""

from __future__ import annotations

import datetime

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.http import urlencode
from django_tasks_db.models import DBTaskResult
from wagtail.models import CollectionViewRestriction, PageViewRestriction

from fileshare.models import PageText, SharedDocument
from fileshare.services import publish
from members.models import Organisation
from portal.models import Author, HomePage, SearchRow, StandardPage, Topic
from portal.ops import due
from portal.search import index
from portal.search.passages import Finder
from portal.search.query import understood
from portal.search.words import words_of as folded_words_of
from tests.factories import make_folder, make_member, make_paper, make_post, minimal_pdf
from tests.portal.finding import WORD, make_text, titles, work
from tests.portal.reading import OUTSIDERS, READERS, client_of, soup_of, words_of

pytestmark = pytest.mark.django_db


def make_page(title: str, **fields: object) -> StandardPage:
    body = [("text", f"<p>{fields.pop('text', '')}</p>")]
    return HomePage.objects.get().add_child(
        instance=StandardPage(title=title, slug=title.lower().replace(" ", "-"), body=body, **fields)
    )


def test_posts_and_pages_are_found_by_title_standfirst_and_text():
    make_post(f"The {WORD} in the title")
    make_post("In the standfirst", standfirst=f"All about the {WORD}.")
    make_post("In a heading", body=[("heading", {"text": f"On {WORD}"})])
    make_post("In a table", body=[("table", {"data": [["One", WORD]]})])
    make_page("A page", text=f"A {WORD} grows here.")
    make_page("Another page", introduction=f"A {WORD}.")
    make_post("Elsewhere")
    assert sorted(titles(WORD.upper())) == [
        "A page", "Another page", "In a heading", "In a table", "In the standfirst", f"The {WORD} in the title",
    ]  # fmt: skip


def test_title_counts_for_more_than_text():
    make_post("First", body=[("text", f"<p>{'Words of other things. ' * 30}{WORD}</p>")])
    make_post(f"About {WORD}")
    make_post("Third", body=[("text", f"<p>{'Words of other things. ' * 30}{WORD}</p>")])
    assert titles(WORD)[0] == f"About {WORD}"


def test_all_words_must_be_there():
    make_post("Crowds and stairs")
    make_post("Crowds and storms")
    assert titles("stairs crowds") == ["Crowds and stairs"]
    assert titles("stairs storms") == []


def test_result_shows_where_the_word_stands_and_leads_there():
    text = f"{'Once upon a time there was a garden. ' * 20}In it grew a {WORD}, {'and no rose beside it. ' * 20}"
    post = make_post("A garden", slug="garden", standfirst="Of flowers.", body=[("text", f"<p>{text}</p>")])
    work()
    found = soup_of(Client(), f"/search/?q={WORD}+grew").select_one(".post-card")
    assert found.a["href"] == post.url == "/news/garden/"
    assert [mark.get_text() for mark in found.select("mark")] == ["grew", WORD]
    shown = words_of(found.select_one(".post-standfirst"))
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) < 260
    assert found.time["datetime"] == f"{timezone.localtime(post.published_at):%Y-%m-%d}"


def test_words_in_titles_are_marked_as_well(signed_in):
    make_post(f"The {WORD} & others")
    make_page(f"A {WORD}", text="A page.")
    make_text(f"Of {WORD}s", "Words.")
    work()
    found = soup_of(signed_in(make_member()), f"/search/?q={WORD}").select("h3 a")
    assert sorted((words_of(each), [mark.get_text() for mark in each.select("mark")]) for each in found) == [
        (f"A {WORD}", [WORD]), (f"Of {WORD}s", [f"{WORD}s"]), (f"The {WORD} & others", [WORD]),
    ]  # fmt: skip


def test_passage_is_the_opening_where_it_has_as_many_of_the_words_as_the_text():
    def parts(asked: str, opening: str, text: str) -> list[tuple[str, bool]]:
        return [(piece.text, piece.is_hit) for piece in Finder(understood(asked)).passage(opening, text)]

    assert parts("stairs the", "On Stairs, and storms.", "Stairs again.") == [
        ("On ", False), ("Stairs", True), (", and storms.", False),
    ]  # fmt: skip
    assert parts("zebra", "On stairs.", "") == [("On stairs.", False)]
    assert parts("zebra", "", "") == []
    assert parts("organise centre", "On stairs.", "An Organization’s center.") == [
        ("An ", False), ("Organization’s", True), (" ", False), ("center", True), (".", False),
    ]  # fmt: skip
    assert parts("counterterrorism", "", "Of counter-terrorism.") == [
        ("Of ", False), ("counter-terrorism", True), (".", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("risers", "riser"), ("grey", "Gray"), ("skies", "sky"), ("colour", "Colored"), ("phoenix", "phœnix"),
        ("Cooperate", "co-operate"), ("straße", "STRASSE"), ("strasse", "Straße"), ("cafés", "Café"),
    ],
)  # fmt: skip
def test_word_is_marked_however_it_is_written(asked, text):
    found = [
        piece.text for piece in Finder(understood(asked)).pieces(f"Of {text} and risks, gravel, colic and stress.")
    ]
    assert found == ["Of ", text, " and risks, gravel, colic and stress."]


@pytest.mark.parametrize("kind", READERS)
def test_nothing_is_found_that_the_person_may_not_read(kind):
    now = timezone.now()
    make_post(f"Draft {WORD}", live=False)
    make_post(f"Tomorrow's {WORD}", published_at=now + datetime.timedelta(days=1))
    for maker in (make_post, make_page):
        private = maker(f"Private {WORD} {maker.__name__}")
        PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    body = [("text", "<p>Open words.</p>"), ("members_only", None), ("text", f"<p>The {WORD} opens at nine.</p>")]
    make_post("Half open", body=body)
    closed = make_folder(f"Folder {WORD}")
    restriction = CollectionViewRestriction.GROUPS
    CollectionViewRestriction.objects.create(collection=closed, restriction_type=restriction)
    source = Organisation.objects.create(name=f"Office of the {WORD}")
    hidden = {
        "in a closed folder": make_text("Closed paper", f"On {WORD}.", collection=closed, source=source),
        "to come": make_text("Coming paper", f"On {WORD}.", publish_at=now + datetime.timedelta(days=1)),
        "withdrawn": make_text("Withdrawn paper", f"On {WORD}."),
        "for others": make_text("Red paper", f"On {WORD}.", collection=make_folder("Red")),
    }
    SharedDocument.objects.filter(pk=hidden["for others"].pk).update(marking="TLP:RED")
    publish.withdraw(document=hidden["withdrawn"], by=None, reason="It was wrong.")
    for paper in hidden.values():
        paper.tags.add(f"Tag {WORD}")
        index.write_papers([paper.pk])
    client = client_of(kind)
    if kind == "administrator":
        assert set(titles(WORD, client)) == {paper.title for paper in hidden.values()} | {"Half open"}
        return
    assert titles(WORD, client) == ([] if kind in OUTSIDERS else ["Half open"])
    for asked in (WORD, "heliotrop", "Office", f"{WORD}&folder={closed.pk}", f"{WORD}&source={source.pk}", "closed"):
        page = soup_of(client, f"/search/?q={asked}")
        for own in page.select(
            "title, .field, .masthead-account, .search-hint, .post-card, .search-meant, .pagination"
        ):
            own.extract()  # the question itself, where signing in leads back to, and the post that a member may read
        for own in page.select("a[href*='q=']"):
            own.attrs["href"] = ""
        assert not {"office", "tag", "red", "coming"} & set(folded_words_of(words_of(page.main))), asked
        assert WORD not in str(page), asked
    assert client.get("/search/suggest/", {"q": "closed pap"}).json() == {"suggestions": []}
    assert client.get("/search/suggest/", {"q": WORD[:4]}).json() == {"suggestions": []}


def test_paper_is_found_by_title_description_source_tag_and_every_page(signed_in):
    source = Organisation.objects.create(name="Office for Storms", abbreviation="OFST")
    paper = make_text(
        "A plan", "Of the café.", "Page two is about évacuation.", description="For crowds.", source=source
    )
    paper.tags.add("Resilience")
    make_text("Another plan", "Of nothing.")
    index.write_papers([paper.pk])
    member = signed_in(make_member())
    for asked in ("cafe", "evacuating", "crowd", "storms", "ofst", "resilient cafe evacuation plan"):
        assert titles(asked, member) == ["A plan"], asked
        assert titles(asked) == [], asked
    assert sorted(titles("plan", member)) == ["A plan", "Another plan"]


def test_hit_in_a_paper_names_the_page_and_opens_the_reader_there(signed_in):
    paper = make_paper("A plan", content=minimal_pdf(pages=3), file_name="plan.pdf")
    version = paper.current_version
    texts = ("Of crowds.", f"Much is said of the {WORD} on this page.", "Of storms.")
    PageText.objects.bulk_create(PageText(version=version, number=n, text=text) for n, text in enumerate(texts, 1))
    index.write_papers([paper.pk])
    found = soup_of(signed_in(make_member()), f"/search/?q={WORD}").select_one(".post-card")
    assert found["data-document"] == str(paper.uuid)
    assert found.select_one(".find-page")["href"] == f"{paper.read_url}#page=2"
    assert words_of(found.select_one(".post-standfirst")) == f"Page 2 Much is said of the {WORD} on this page."


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ("ISO 22341", True), ("CT-2026/14", True), ("CT 2026 14", True), ("2026/15", False), ("members.pdf", True),
        ("organization", True), ("harbors", True), ("counterterrorism", True), ("counter terrorism", True),
        ("CAFE", True), ("café", True), ("'crowd of stairs'", True), ('"stairs crowd"', False),
        ('"crowd of stairs"', True), ("crowds -stairs", False), ("crowds -zebra", True), ('crowds -"of stairs"', False),
        ("crowds zebra", False), ("日本", True), ("本日", False), ("of", True), ("-crowds", None), ('""', None),
    ],
)  # fmt: skip
def test_words_are_found_as_people_write_them(asked, is_found):
    """The same on each database: it is given stems and asked for stems."""
    text = "ISO 22341 and CT-2026/14 in members.pdf: organised counter-terrorism by the harbour café, "
    text += "a crowd of stairs, 日本語"
    make_post("The post", body=[("text", f"<p>{text}</p>")])
    assert titles(asked) == (["The post"] if is_found else [])
    has_error = bool(soup_of(Client(), f"/search/?{urlencode({'q': asked})}").select(".field-error"))
    assert has_error == (is_found is None)


def test_word_on_another_stretch_of_a_long_paper_counts_and_its_page_is_found(signed_in, monkeypatch):
    monkeypatch.setattr(index, "MOST_WORDS", 30)
    pages = [f"page {number} " + "filling " * 20 for number in range(1, 8)]
    pages[0] += "zebra"
    pages[5] += f"the {WORD} grew"
    make_text("Long", *pages)
    assert SearchRow.objects.count() > 3
    member = signed_in(make_member())
    assert titles(f"zebra {WORD}", member) == ["Long"]
    found = soup_of(member, f"/search/?q={WORD}").select(".post-card mark")
    assert [mark.get_text() for mark in found] == [WORD]


def test_members_part_of_a_post_is_found_by_members_with_its_passage(signed_in):
    body = [("text", "<p>Open words.</p>"), ("members_only", None), ("text", f"<p>The {WORD} opens at nine.</p>")]
    make_post("Half open", body=body)
    assert titles(WORD) == []
    assert titles(WORD, signed_in(make_member())) == ["Half open"]
    page = soup_of(signed_in(make_member()), f"/search/?q={WORD}")
    assert [mark.get_text() for mark in page.select("mark")] == [WORD]
    assert "opens" not in words_of(soup_of(Client(), "/search/?q=words").main)


def test_paper_follows_what_happens_to_it(django_capture_on_commit_callbacks, signed_in):
    paper = make_text("Before", "Of crowds.")
    member = signed_in(make_member())
    with django_capture_on_commit_callbacks(execute=True):
        paper.title = "After"
        paper.save()
        publish.record_change(document=paper, by=None, fields=["title"], marking_before=paper.marking)
    assert (titles("after", member), titles("before", member)) == (["After"], [])
    paper.delete()
    assert (titles("after", member), SearchRow.objects.count()) == ([], 0)


def test_things_are_found_by_the_new_name_of_what_they_name(signed_in):
    source = Organisation.objects.create(name="Office for Storms", abbreviation="OFST")
    make_text("A paper", "Of crowds.", source=source)
    topic = Topic.objects.create(name="Crowds", slug="crowds")
    author = Author.objects.create(name="Kim Rook", slug="kim")
    make_post("A post", topics=[topic], authors=[author])
    member = signed_in(make_member())
    for thing, title in ((source, "A paper"), (topic, "A post"), (author, "A post")):
        assert titles(WORD, member) == []
        thing.name = f"New {WORD}"
        thing.save()
        assert titles(WORD, member) == [title]
        thing.name = "Old"
        thing.save()


def test_what_a_lost_task_left_behind_is_caught_up_with(signed_in):
    make_post("A post", body=[("text", f"<p>Of the {WORD}.</p>")])
    paper = make_text("A paper", f"Of the {WORD}.")
    DBTaskResult.objects.all().delete()
    SearchRow.objects.all().delete()
    member = signed_in(make_member())
    assert titles(WORD, member) == []
    due.catch_up_with_search()
    assert sorted(titles(WORD, member)) == ["A paper", "A post"]
    SearchRow.objects.filter(paper=paper).update(made_of="")
    assert index.catch_up() == 1
    assert index.catch_up() == 0


def test_rebuilding_leaves_everything_findable_and_brings_nothing_twice(signed_in):
    make_post(f"Post {WORD}")
    make_text(f"Paper {WORD}", "Of crowds.")
    work()
    before = set(SearchRow.objects.values_list("pk", flat=True))
    call_command("rebuild_search", verbosity=0)
    assert set(SearchRow.objects.values_list("pk", flat=True)) == before
    assert sorted(titles(WORD, signed_in(make_member()))) == [f"Paper {WORD}", f"Post {WORD}"]


def test_post_is_found_as_it_is_published_and_no_more_when_it_is_taken_down():
    post = make_post(f"About {WORD}", live=False, standfirst="Of flowers.")
    assert titles(WORD) == []
    post.save_revision().publish()
    assert titles(WORD) == [f"About {WORD}"]
    post.title = "About roses"
    revision = post.save_revision()
    assert titles("roses") == []
    revision.publish()
    assert (titles("roses"), titles(WORD)) == (["About roses"], [])
    post.refresh_from_db()
    post.unpublish()
    assert titles("roses") == []
