"""The search: what must not answer any more does not, what changed stays not behind, and nobody makes it walk far."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import CollectionViewRestriction

from fileshare.models import PageText, SharedDocument
from members.auth_backends import AuthenticationBackend
from members.models import Organisation, User
from portal.models import HomePage, NewsPage, SearchKind, SearchRow, StandardPage
from portal.search import facets, find, index, results, statistics
from portal.search.interface import NOT_IN_HEAD, Answer, Stretch, place, place_of
from portal.search.query import understood
from portal.search.wanted import Wanted
from tests.factories import make_folder, make_member, make_post
from tests.portal.finding import WORD, make_text, soup_from, titles, work
from tests.portal.reading import words_of

pytestmark = pytest.mark.django_db


def replaced(paper: SharedDocument, text: str) -> None:
    """By another file whose text is not read yet."""
    version = paper.versions.create(
        number=2, file="elsewhere", file_name="b.txt", kind="txt", size=1, sha256="0", crc32=0, inspection="passed"
    )
    paper.current_version = version
    paper.save(update_fields=["current_version"])
    PageText.objects.create(version=version, number=1, text=text)


def test_former_text_of_a_replaced_paper_answers_nobody_from_that_moment_on(signed_in):
    paper = make_text("A plan", f"On the {WORD} and stairs.", f"More of {WORD}.")
    member = signed_in(make_member())
    assert titles(WORD, member) == ["A plan"]
    replaced(paper, "On crowds.")
    DBTaskResult.objects.all().delete()
    assert titles("plan", member) == ["A plan"]
    assert titles("plan -stairs", member) == ["A plan"]
    assert titles(WORD, member) == titles("crowds", member) == []
    assert index.catch_up() == 1
    assert titles("crowds", member) == ["A plan"]


def test_row_of_another_version_than_the_papers_own_answers_nobody(signed_in):
    paper = make_text("A plan", f"On the {WORD}.")
    SearchRow.objects.filter(paper=paper).update(of_version=0)
    assert titles(WORD, signed_in(make_member())) == []


def test_public_words_of_a_post_that_is_for_members_now_answer_visitors_no_more():
    post = make_post("A post", body=[("text", f"<p>Of the {WORD} and stairs.</p>")])
    assert titles(WORD) == ["A post"]
    post.body = [("members_only", None), ("text", f"<p>Of the {WORD} and stairs.</p>")]
    post.save_revision().publish()
    DBTaskResult.objects.all().delete()
    assert titles(WORD) == []
    assert titles("post -stairs") == ["A post"]
    assert index.catch_up() == 1


@pytest.mark.parametrize("field", ["title", "standfirst"])
def test_title_and_standfirst_of_a_post_that_were_taken_back_answer_no_more(field):
    """From the commit on, and not when the worker comes."""
    post = make_post(**{"title": "A post", "standfirst": "Of flowers.", field: f"Mr {WORD} is accused"})
    assert titles(WORD) == [post.title]
    setattr(post, field, "A correction")
    post.save()
    DBTaskResult.objects.all().delete()
    assert titles(WORD) == []
    assert Client().get("/search/suggest/", {"q": WORD[:5]}).json() == {"suggestions": []}
    assert titles("correction") == [post.title]
    assert (index.catch_up(), index.catch_up()) == (1, 0)


def test_title_and_introduction_of_a_page_that_were_taken_back_answer_no_more():
    page = StandardPage(title=f"A {WORD}", slug="page", introduction="Of flowers.")
    HomePage.objects.get().add_child(instance=page)
    assert titles(f"{WORD} flowers") == [page.title]
    page.title, page.introduction = "A page", "Of trees."
    page.save()
    DBTaskResult.objects.all().delete()
    assert titles(WORD) == titles("flowers") == []
    assert titles("page trees") == ["A page"]


@pytest.mark.parametrize("field", ["title", "description"])
def test_title_and_description_of_a_paper_that_were_taken_back_answer_no_more(field, signed_in):
    paper = make_text("A plan", "Of crowds.", "Of stairs.")
    setattr(paper, field, f"Mr {WORD} is accused")
    paper.save()
    index.write_papers([paper.pk])
    member = signed_in(make_member())
    assert titles(WORD, member) == [paper.title]
    setattr(paper, field, "A correction")
    paper.save(update_fields=[field])
    DBTaskResult.objects.all().delete()
    assert titles(WORD, member) == []
    assert titles("correction", member) == [paper.title]
    assert (index.catch_up(), index.catch_up()) == (1, 0)


@pytest.mark.parametrize("change", ["title", "description", "publish_at", "source", "tag", "untag"])
def test_whatever_changed_of_a_paper_is_caught_up_with(change, signed_in):
    source = Organisation.objects.create(name="Office for Storms", abbreviation="OFST")
    paper = make_text("A plan", "Of crowds.", source=source)
    paper.tags.add("Weather")
    index.write_papers([paper.pk])
    make_text("Another", "Of crowds.")
    assert index.catch_up() == 0
    if change == "tag":
        paper.tags.add(WORD)
    elif change == "untag":
        paper.tags.remove("Weather")
    elif change == "source":
        Organisation.objects.update(name=f"Office for {WORD}")
    else:
        moment = timezone.now() - datetime.timedelta(days=3)
        SharedDocument.objects.filter(pk=paper.pk).update(**{change: moment if change == "publish_at" else WORD})
    assert (index.catch_up(), index.catch_up()) == (1, 0)
    assert titles(WORD, signed_in(make_member())) == (
        [] if change in ("publish_at", "untag") else [WORD if change == "title" else "A plan"]
    )


@pytest.mark.parametrize("readable", [2, 5])
def test_who_reads_little_of_what_has_the_words_gets_all_of_it_in_few_steps(readable, signed_in, monkeypatch):
    for name, value in (("AT_ONCE", 1), ("LONGEST_STEP", 1), ("MOST_COUNTED", 3), ("SPARE", 1)):
        monkeypatch.setattr(find, name, value)
    closed = make_folder("Closed")
    CollectionViewRestriction.objects.create(collection=closed, restriction_type=CollectionViewRestriction.GROUPS)
    for number in range(8):
        make_text(f"Closed {number}", f"Of the {WORD}.", collection=closed)
    before = timezone.now() - datetime.timedelta(days=9)
    for number in range(readable):
        make_text(f"Open {number}", f"Of the {WORD}.", publish_at=before - datetime.timedelta(days=number))
    member = make_member()
    with CaptureQueriesContext(connection) as captured:
        found = find.found(understood(WORD), member, Wanted())
    assert len([sql for sql in captured if "SELECT r.id" in sql["sql"]]) <= 5
    assert (len(found.hits), found.count) == {2: (2, "2"), 5: (3, "More than 3")}[readable]
    assert titles(WORD, signed_in(member), sort="date") == [f"Open {number}" for number in range(min(readable, 3))]


def questions_of_a_search(asked: str, member: User) -> list[str]:
    """What it asks the database, beside what bounds it and the look whether anything has changed."""
    query, wanted = understood(asked), Wanted()
    with CaptureQueriesContext(connection) as captured:
        found = find.found(query, member, wanted)
        facets.facets(found, facets.Address(asked, wanted))
        results.finds_of(found.hits[:10], query, found.visible)
    asked_for = [query["sql"] for query in captured if "portal.freshness" not in query["sql"]]
    return [sql for sql in asked_for if not sql.startswith(("SAVEPOINT", "RELEASE", "SET LOCAL statement_timeout"))]


def test_search_asks_as_little_for_many_papers_as_for_one():
    """For the rows with their ranks (SQLite: and for the ranks), the rules of reading, the papers that are shown, and
    their text. The names of sources and folders are remembered until something changes."""
    member = AuthenticationBackend().get_user(make_member().pk)
    source = Organisation.objects.create(name="Office for Storms")
    make_text("A plan", f"Of the {WORD}.", "Of stairs.", source=source)
    questions_of_a_search(WORD, member)  # PostgreSQL is told what will be asked
    count = 4 if connection.vendor == "postgresql" else 5
    assert len(questions_of_a_search(WORD, member)) == count
    for number in range(12):
        make_text(f"A plan {number}", f"Of the {WORD}.", "Of stairs.", source=source)
    assert len(questions_of_a_search(WORD, member)) == count + 2
    assert len(questions_of_a_search(WORD, member)) == count
    assert len(questions_of_a_search(f"{WORD} stairs", member)) == count  # on two pages of each


def test_names_beside_the_results_are_new_after_a_change(signed_in):
    source = Organisation.objects.create(name="Office for Storms")
    folder = make_folder("Weather")
    make_text("A plan", f"Of the {WORD}.", source=source, collection=folder)
    make_text("Another plan", f"Of the {WORD}.", collection=make_folder("Crowds"))
    member = signed_in(make_member())
    assert {"Office for Storms", "Weather", "Crowds"} <= facet_choices(member)
    source.name = "Office for Floods"
    source.save()
    folder.refresh_from_db()
    folder.name = "Rain"
    folder.save()
    assert {"Office for Floods", "Rain", "Crowds"} <= facet_choices(member)
    assert not {"Office for Storms", "Weather"} & facet_choices(member)


def facet_choices(member: Client) -> set[str]:
    return {words_of(each) for each in soup_from(member.get("/search/", {"q": WORD})).select(".search-facets a")}


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite expects nothing: it goes through what it finds")
def test_postgresql_s_statistics_tell_how_many_rows_have_the_words(monkeypatch):
    monkeypatch.setattr(statistics, "_known", {})
    assert statistics.statistics() == statistics.Statistics()
    for number in range(8):
        make_post(f"Post {number}", body=[("text", f"<p>Of {WORD}{' and the stairs' * (number % 2)}.</p>")])
    work()
    place().tidy()
    known = statistics.statistics()

    def expected(asked: str) -> float:
        return known.expected(understood(asked))

    assert known.rows == 8
    assert expected(WORD) == pytest.approx(8)
    assert expected("stairs") == expected(f"{WORD} stairs") == expected(f'"{WORD} stairs"') == pytest.approx(4)
    assert 0 < expected("never") < expected("post-stairs") <= 8


@pytest.mark.parametrize("few_expected", [True, False])
@pytest.mark.parametrize("most", [600, 2])
def test_ranks_that_are_told_with_the_rows_are_those_that_are_asked_for(most, few_expected, monkeypatch):
    monkeypatch.setattr(place(), "MOST_RANKED", most)
    monkeypatch.setattr(statistics, "statistics", lambda: statistics.Statistics(100 if few_expected else 0))
    for number in range(3):
        make_post(f"About {WORD} and {'more ' * number}", body=[("text", f"<p>{WORD}</p>" * number)])
        make_post(f"Post {number}", body=[("text", f"<p>Of {'more ' * number} {WORD}.</p>")])
    work()
    query = understood(f"{WORD} -stairs")
    answers = place().answers(query, Stretch(), 50)
    assert len(answers) == 6
    places = [answer.place for answer in answers]
    by_words, by_head = place().ranks(query, places), place().ranks(query, places, heads=True)
    assert (len(by_words), len(by_head)) == (6, 3)
    ranks = {answer.place: answer.rank for answer in answers if answer.rank is not None}
    heads = {answer.place: answer.head for answer in answers if answer.head is not None}
    more_than_expected = connection.vendor == "postgresql" and few_expected  # then both are to be asked for
    assert heads == (
        {} if most == 600 or more_than_expected else {key: by_head.get(key, NOT_IN_HEAD) for key in places}
    )
    if connection.vendor == "postgresql":
        told = {key for key in places if most == 600 or not (few_expected or key in by_head)}
        assert ranks == {key: rank for key, rank in by_words.items() if key in told}
    assert {answer.place: answer.head for answer in place().heads(query, Stretch(), 50)} == by_head
    assert all(answer[-2:] == (None, None) for answer in place().answers(query, Stretch(), 50, ranked=False))


def posts_by_title(*numbers: int) -> None:
    """Nine with the word, the newest first; these have it in the title."""
    for number in range(9):
        title = f"The {WORD} {number}" if number in numbers else f"Post {number}"
        date = timezone.now() - datetime.timedelta(days=number + 1)
        text = f"<p>Of {WORD}{', and stairs' * (number == 7)}.</p>"
        make_post(title, published_at=date, body=[("text", text)])
    work()


@pytest.mark.parametrize(("by_title", "looks_further"), [((0, 2, 8), False), ((0, 8), True)])
def test_titles_further_back_are_looked_for_where_the_newest_have_few_of_them(by_title, looks_further, monkeypatch):
    for name, value in (("AT_ONCE", 4), ("MOST_COUNTED", 3), ("MOST_RANKED", 2), ("MOST_HEADS", 2)):
        monkeypatch.setattr(find, name, value)
    monkeypatch.setattr(place(), "MOST_RANKED", 2)
    posts_by_title(*by_title)
    hits = find.found(understood(WORD), AnonymousUser(), Wanted()).hits
    found = [post.title for hit in hits for post in NewsPage.objects.filter(pk=hit.answer.thing)]
    assert (f"The {WORD} 8" in found) is looks_further


def test_what_shall_not_be_there_is_not_found_by_its_title_either(monkeypatch):
    """Whose title has the word, and whose text what shall not be there."""
    for name, value in (("AT_ONCE", 4), ("MOST_COUNTED", 3), ("MOST_RANKED", 2)):
        monkeypatch.setattr(find, name, value)
    monkeypatch.setattr(place(), "MOST_RANKED", 2)
    posts_by_title(7, 8)
    assert set(titles(WORD)[:2]) == {f"The {WORD} 7", f"The {WORD} 8"}
    assert titles(f"{WORD} -stairs") == [f"The {WORD} 8", "Post 0", "Post 1"]


def test_search_that_takes_too_long_ends_with_a_sentence(client, monkeypatch):
    endless = {
        "postgresql": "SELECT pg_sleep(60)",
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
    }[connection.vendor]

    def ask_for_ever(*_args: object, **_options: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(endless)

    make_post(f"About {WORD}")
    work()
    with monkeypatch.context() as patched:
        patched.setattr(place(), "LONGEST_STATEMENT", 0.05)
        for name in ("answers", "named"):
            patched.setattr(place(), name, ask_for_ever)
        page = client.get("/search/", {"q": WORD})
        assert page.status_code == 503
        assert words_of(soup_from(page).select_one(".field-error")).startswith("That took too long to look for.")
        assert client.get("/search/suggest/", {"q": WORD}).json() == {"suggestions": []}
    assert titles(WORD) == [f"About {WORD}"]


def test_papers_are_passed_over_by_the_index_where_a_visitor_searches():
    """Else a word that is in every paper would have each of them fetched for somebody who reads none."""
    make_post(f"About {WORD}", body=[("members_only", None), ("text", f"<p>Of the {WORD}.</p>")])
    make_text("A paper", f"Of the {WORD}.")
    work()
    query, posts = understood(WORD), (SearchKind.POST, SearchKind.PAGE)
    for stretch, count in (
        (Stretch(), 3), (Stretch(posts, with_members_parts=False), 1), (Stretch((SearchKind.POST,)), 2),
    ):  # fmt: skip
        asked = place()._asked(query, stretch)
        sql = {
            "postgresql": "SELECT count(*) FROM portal_searchrow WHERE words @@ %s::tsquery",
            "sqlite": "SELECT count(*) FROM portal_searchtext WHERE portal_searchtext MATCH %s",
        }[connection.vendor]
        with connection.cursor() as cursor:
            cursor.execute(sql, [asked])
            assert cursor.fetchone()[0] == count


def test_word_that_stands_in_a_paper_more_often_than_a_database_counts_is_found_with_what_follows(signed_in):
    """PostgreSQL keeps 256 places of one word, and refuses more."""
    make_text("A table", f"{'stairs ' * 700}Zürich ω 避難 {WORD} exits", "stairs " * 100)
    member = signed_in(make_member())
    for asked in ("stairs", '"stairs stairs"', f'"{WORD} exits"', "zurich", "避難", "ω"):
        assert titles(asked, member) == ["A table"], asked
    assert titles('"exits stairs zurich"', member) == []


def test_years_are_counted_by_the_site_s_clock_and_pages_have_none():
    def hit(kind: SearchKind, when: str, key: int) -> find.Hit:
        at = place_of(datetime.datetime.fromisoformat(when), kind, key, 0)
        return find.Hit(1.0, Answer(at, kind.value, key, None, None, "", "", None))

    hits = [
        hit(SearchKind.PAPER, "2026-12-31T23:30:00+00:00", 1),
        hit(SearchKind.POST, "2027-01-01T00:00:00+00:00", 2),
        hit(SearchKind.POST, "2024-02-29T12:00:00+00:00", 3),
        hit(SearchKind.PAGE, "2024-02-29T12:00:00+00:00", 4),
        hit(SearchKind.PAPER, "1950-01-01T00:00:00+00:00", 5),
    ]
    with timezone.override("Europe/London"):
        assert facets.VALUES["year"].counted(hits) == {"2026": 1, "2027": 1, "2024": 1, "1970": 1}
    with timezone.override("Europe/Berlin"):
        assert facets.VALUES["year"].counted(hits) == {"2027": 2, "2024": 1, "1970": 1}
    assert facets.VALUES["year"].counted([]) == {}
