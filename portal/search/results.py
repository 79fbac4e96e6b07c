"""What the list of results shows of each thing: once more by the rules of reading, for these few."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from fileshare import asked_papers
from fileshare.models import PageText
from members.many_keys import as_value, one_of
from portal import access
from portal.blocks import words_of
from portal.models import SearchKind, SearchRow
from portal.models.posts import mark_papers
from portal.search.passages import Finder, Piece

if TYPE_CHECKING:
    import datetime

    from fileshare.models import SharedDocument
    from portal.models import NewsPage, StandardPage
    from portal.search.find import Hit, Visible
    from portal.search.interface import Answer
    from portal.search.query import Query

_TEXTS = (
    "SELECT t.version_id, t.number, t.text, r.has_others FROM (SELECT r.of_version, r.first_page, r.last_page,"  # noqa: S608 -- our own names
    f" EXISTS (SELECT 1 FROM {PageText._meta.db_table} o WHERE o.version_id = r.of_version"
    " AND (o.number < r.first_page OR o.number > r.last_page)) AS has_others"
    f" FROM {SearchRow._meta.db_table} r WHERE {{}}) r JOIN {PageText._meta.db_table} t"
    " ON t.version_id = r.of_version AND t.number BETWEEN r.first_page AND r.last_page"
)
# Of one paper that are looked through for words which the hit's own pages have not, and how many are read at once.
MOST_PAGES, PAGES_AT_ONCE = 400, 50


@dataclass(frozen=True)
class Find:
    """One result. `number` is the paper's page on which the passage stands, `at` where the reader opens it."""

    kind: SearchKind
    title: list[Piece]
    url: str
    passage: list[Piece]
    date: datetime.datetime | None = None
    page: NewsPage | StandardPage | None = None
    paper: SharedDocument | None = None
    number: int | None = None
    at: str = ""


def finds_of(hits: list[Hit], query: Query, visible: Visible) -> list[Find]:
    """In this order."""
    keys: dict[SearchKind, dict[int, Hit]] = defaultdict(dict)
    for hit in hits:
        keys[hit.kind][hit.answer.thing] = hit
    finder = Finder(query)
    finds = {
        **_posts(keys[SearchKind.POST], finder, visible),
        **_pages(keys[SearchKind.PAGE], finder, visible),
        **_papers(keys[SearchKind.PAPER], finder, visible),
    }
    found = (finds.get((hit.kind, hit.answer.thing)) for hit in hits)
    return [each for each in found if each is not None]


def _posts(hits: dict[int, Hit], finder: Finder, visible: Visible) -> dict[tuple[SearchKind, int], Find]:
    if not hits:
        return {}
    whole = access.reads_members_parts(visible.user)
    posts = list(visible.things(SearchKind.POST).filter(pk__in=hits))
    mark_papers(posts)
    found = {}
    for post in posts:
        text = words_of(post.body) if whole and post.is_members_only else post.public_text
        passage = finder.passage(post.standfirst, text)
        found[SearchKind.POST, post.pk] = Find(
            SearchKind.POST, finder.pieces(post.title), post.get_url() or "", passage, post.published_at, page=post
        )
    return found


def _pages(hits: dict[int, Hit], finder: Finder, visible: Visible) -> dict[tuple[SearchKind, int], Find]:
    pages = visible.things(SearchKind.PAGE).filter(pk__in=hits).defer("body") if hits else ()
    return {
        (SearchKind.PAGE, page.pk): Find(
            SearchKind.PAGE, finder.pieces(page.title), page.get_url() or "",
            finder.passage(page.introduction, page.public_text), page=page,
        )
        for page in pages
    }  # fmt: skip


def _papers(hits: dict[int, Hit], finder: Finder, visible: Visible) -> dict[tuple[SearchKind, int], Find]:
    if not hits:
        return {}
    papers = asked_papers.with_version_and_source(visible.user, hits)
    texts: dict[int, list[tuple[int, str]]] = defaultdict(list)
    have_others = set()
    for version, number, text, has_others in _texts_of([hits[paper.pk].answer for paper in papers]):
        texts[version].append((number, text))
        if has_others:
            have_others.add(version)
    return {
        (SearchKind.PAPER, paper.pk): _paper(
            paper, sorted(texts[paper.current_version_id or 0]), finder,
            has_others=paper.current_version_id in have_others,
        )
        for paper in papers
    }  # fmt: skip


def _texts_of(answers: list[Answer]) -> list[tuple[int, int, str, bool]]:
    """The pages that these rows were made of, and whether their papers have others, in one statement."""
    places = as_value(answer.place for answer in answers if answer.first_page is not None)
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS.format(one_of("r.id")), [places])
        found: list[tuple[int, int, str, bool]] = cursor.fetchall()
    return found


def _paper(paper: SharedDocument, pages: list[tuple[int, str]], finder: Finder, *, has_others: bool) -> Find:
    best = finder.best_page(pages)
    beside = len({mark.stem for mark in finder.marks(f"{paper.title} {paper.description}")})
    if has_others and (best[2].words if best else 0) < len(finder.stems) > beside:
        others = PageText.objects.filter(version=paper.current_version_id).exclude(
            number__in=[each[0] for each in pages]
        )
        texts = others.order_by("number").values_list("number", "text")[:MOST_PAGES].iterator(PAGES_AT_ONCE)
        further = finder.best_page(finder.within_bounds(texts))
        if further and (best is None or further[2].words > best[2].words):
            best = further
    facts = (SearchKind.PAPER, finder.pieces(paper.title), paper.get_absolute_url())
    if best is None:
        return Find(*facts, finder.passage(paper.description, ""), paper.publish_at, paper=paper)
    number, text, marks = best
    read = paper.read_url if (paper.pages or 0) > 0 else ""
    at = f"{read}#page={number}" if read else ""
    return Find(*facts, finder.around(text, marks), paper.publish_at, paper=paper, number=number, at=at)
