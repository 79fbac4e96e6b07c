"""What the list of results shows of each thing: once more by the rules of reading, for these few."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from fileshare.models import PageText
from portal import access
from portal.blocks import words_of
from portal.models import SearchKind
from portal.models.posts import mark_papers
from portal.search.passages import Finder, Piece

if TYPE_CHECKING:
    import datetime

    from fileshare.models import SharedDocument
    from portal.models import NewsPage, StandardPage
    from portal.search.find import Hit, Visible
    from portal.search.query import Query

MOST_PAGES = 400  # of one paper that are looked through for words which the hit's own pages have not


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
    things: Any = visible.things(SearchKind.PAPER)
    papers = list(things.with_facts().filter(pk__in=hits))
    by_version = {paper.current_version_id: paper for paper in papers if paper.current_version_id}
    stretches = Q(pk__in=[])
    for version, paper in by_version.items():
        answer = hits[paper.pk].answer
        if answer.first_page is not None:
            stretches |= Q(version=version, number__range=(answer.first_page, answer.last_page))
    texts: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for version, number, text in PageText.objects.filter(stretches).values_list("version", "number", "text"):
        texts[version].append((number, text))
    return {
        (SearchKind.PAPER, paper.pk): _paper(paper, sorted(texts[paper.current_version_id or 0]), finder)
        for paper in papers
    }


def _paper(paper: SharedDocument, pages: list[tuple[int, str]], finder: Finder) -> Find:
    best = finder.best_page(pages)
    beside = len({mark.stem for mark in finder.marks(f"{paper.title} {paper.description}")})
    if pages and (best[2].words if best else 0) < len(finder.stems) > beside:
        others = PageText.objects.filter(version=paper.current_version_id).exclude(
            number__in=[each[0] for each in pages]
        )
        further = finder.best_page(others.order_by("number").values_list("number", "text")[:MOST_PAGES].iterator())
        if further and (best is None or further[2].words > best[2].words):
            best = further
    facts = (SearchKind.PAPER, finder.pieces(paper.title), paper.get_absolute_url())
    if best is None:
        return Find(*facts, finder.passage(paper.description, ""), paper.publish_at, paper=paper)
    number, text, marks = best
    at = f"{paper.read_url}#page={number}" if paper.read_url and (paper.pages or 0) > 0 else ""
    return Find(*facts, finder.around(text, marks), paper.publish_at, paper=paper, number=number, at=at)
