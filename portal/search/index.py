"""What there is to find: rows made of posts, pages and papers, and written anew whenever these change.

Who may read a thing is asked when somebody searches, never written here: a paper that is withdrawn, an audience that
changes, a post whose date comes need no work. Rows go with their thing.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from taggit.models import TaggedItem
from wagtail.models import Page

from fileshare.models import PageText, SharedDocument
from portal.blocks import words_of as words_in
from portal.models import NewsPage, SearchKind, SearchRow, StandardPage
from portal.ops import away
from portal.search import marks
from portal.search.interface import MOST_PARTS, NAME, OF_KIND, PUBLIC, SKELETON, Row, Things, place, place_of
from portal.search.words import LONGEST, skeleton, stems_and_joined, words_of

if TYPE_CHECKING:
    from django.db import models

# Of a row's text: PostgreSQL counts 16,383 places, and refuses a vector over 1 MB. The title and what stands beside it
# come to 150 KB at most, where each sign becomes a row of letters.
MOST_WORDS, MOST_BYTES = 8_000, 300_000
MOST_REST = 120_000  # bytes of the words that are elsewhere in the same thing
LONGEST_TITLE, LONGEST_ABOUT = 300, 4_000  # characters
AT_ONCE, PAGES_AT_ONCE = 100, 1_000
logger = logging.getLogger(__name__)


# --- Papers -------------------------------------------------------------------------------------------------------
def write_papers(keys: Sequence[int]) -> None:
    """Write the rows of these papers anew. Safe to run twice, and at the same time."""
    with transaction.atomic():
        # Held until the end, so that of two workers at one paper the second one finds what the first one did not.
        locked = SharedDocument.objects.filter(pk__in=keys).order_by("pk")
        if connection.features.has_select_for_update:
            locked = locked.select_for_update(no_key=True, of=("self",))
        papers = list(marks.with_marks(locked).select_related("source", "current_version"))
        topics = _topics_of(papers)
        for some in _with_few_pages(papers):
            # Read before they are written: the database works on one paper while the next one's words are made.
            texts = PageText.objects.filter(version__in=[paper.current_version_id for paper in some])
            pages = list(texts.order_by("version", "number").values_list("version", "number", "text"))
            place().write(_rows_of_papers(some, topics, pages), instead_of=Things(papers=[paper.pk for paper in some]))


def _topics_of(papers: Iterable[SharedDocument]) -> dict[int, list[str]]:
    """The names of each one's tags. `prefetch_related` words a question for each paper, and asks none of them."""
    kind = ContentType.objects.get_for_model(SharedDocument)
    tagged = TaggedItem.objects.filter(content_type=kind, object_id__in=[paper.pk for paper in papers]).order_by()
    topics: dict[int, list[str]] = defaultdict(list)
    for key, name in tagged.values_list("object_id", "tag__name"):
        topics[key].append(name)
    return topics


def _with_few_pages(papers: list[SharedDocument]) -> Iterator[list[SharedDocument]]:
    """So many at once that their text fits into little memory."""
    versions = [paper.current_version_id for paper in papers]
    counts = dict(PageText.objects.filter(version__in=versions).values_list("version").annotate(Count("pk")).order_by())
    some: list[SharedDocument] = []
    pages = 0
    for paper in papers:
        count = counts.get(paper.current_version_id, 0)
        if some and pages + count > PAGES_AT_ONCE:
            yield some
            some, pages = [], 0
        some.append(paper)
        pages += count
    if some:
        yield some


def _rows_of_papers(
    papers: list[SharedDocument], topics: dict[int, list[str]], texts: list[tuple[int, int, str]]
) -> Iterator[Row]:
    by_version = {paper.current_version_id: paper for paper in papers if paper.current_version_id}
    seen = set()
    for version, pages in groupby(texts, key=lambda each: each[0]):
        seen.add(version)
        paper = by_version[version]
        yield from _rows_of_paper(paper, topics[paper.pk], ((number, text) for _, number, text in pages))
    for paper in papers:
        if paper.current_version_id not in seen:
            yield from _rows_of_paper(paper, topics[paper.pk], ())


def _rows_of_paper(paper: SharedDocument, topics: list[str], pages: Iterable[tuple[int, str]]) -> Iterator[Row]:
    """The first one last: it has the words of all the others too."""
    topics = sorted(topics)
    source = [str(paper.source), paper.source.short_name] if paper.source else []
    title, about, rest = _beginning(paper.title, [paper.description, *source, *topics])
    names = _names(" ".join([paper.title, *topics, *source]), paper.description)
    facts = {"kind": SearchKind.PAPER, "paper_id": paper.pk, "page_id": None, "topics": _lines(topics)}
    facts |= _made_of(paper)
    others: set[str] = set()
    first: Row | None = None
    for part, (words, joined, begin, end) in enumerate(islice(_stretches(pages), MOST_PARTS)):
        here = {"id": place_of(paper.publish_at, SearchKind.PAPER, paper.pk, part), "for_members": True}
        here |= {"first_page": begin, "last_page": end}
        row = Row(facts | here, title, about, words, _bounded(joined | rest), names)
        if first is None:
            first = row
        else:
            others.update(words, joined)
            yield row
    here = {"id": place_of(paper.publish_at, SearchKind.PAPER, paper.pk, 0), "for_members": True}
    first = first or Row(facts | here | {"first_page": None, "last_page": None}, title, about, [], rest, names)
    yield Row(first.facts, title, about, first.text, _bounded({*first.rest, *others}), names)


def _made_of(paper: SharedDocument) -> dict[str, object]:
    version = paper.current_version
    return {
        "file_kind": version.kind if version else "",
        "of_version": paper.current_version_id,
        "made_of": paper.mark,  # type: ignore[attr-defined]  # of `with_marks`
        "made_at": timezone.now(),
    }


def _stretches(pages: Iterable[tuple[int, str]]) -> Iterator[tuple[list[str], set[str], int, int]]:
    """The stems of as many pages as go into one row, with the joined compounds, the first page and the last."""
    words: list[str] = []
    joined: set[str] = set()
    begin = end = size = 0
    for number, text in pages:
        for more, compounds in _portions(*stems_and_joined(text)):  # one page may be a whole table
            length = _size(more)
            if words and (len(words) + len(more) > MOST_WORDS or size + length > MOST_BYTES):
                yield words, joined, begin, end
                words, joined, size = [], set(), 0
            begin = number if not words else begin
            words += more
            joined |= compounds
            end, size = number, size + length
    if words:
        yield words, joined, begin, end


def _portions(words: list[str], joined: set[str]) -> Iterator[tuple[list[str], set[str]]]:
    """No more of a page at once than goes into one row."""
    most = MOST_WORDS if _size(words) <= MOST_BYTES else MOST_BYTES // (4 * LONGEST)  # bytes of a letter
    for start in range(0, len(words), most):
        yield words[start : start + most], joined if start == 0 else set()


# --- Posts and pages ----------------------------------------------------------------------------------------------
def write_pages(keys: Sequence[int]) -> None:
    """Write the rows of these posts and pages anew; of what is not out there are none."""
    with transaction.atomic():
        locked = Page.objects.filter(pk__in=keys).order_by("pk")
        if connection.features.has_select_for_update:
            locked = locked.select_for_update(no_key=True, of=("self",))
        known = list(locked.values_list("pk", flat=True))
        posts = NewsPage.objects.filter(pk__in=known, live=True).prefetch_related("topics", "authors")
        pages = StandardPage.objects.filter(pk__in=known, live=True)
        rows = [row for post in posts for row in _rows_of_post(post)]
        rows += [_row_of_page(page, page.public_text) for page in pages]
        place().write(rows, instead_of=Things(pages=keys))


def _rows_of_post(post: NewsPage, *, is_whole: bool = True) -> Iterator[Row]:
    """What the public reads; and, where there is more, all of it for members. Without its text where it is not
    whole."""
    topics = sorted({topic.name for topic in post.topics.all()})
    beside = [post.standfirst, *topics, *(author.name for author in post.authors.all())]
    beside += [tag.name for tag in post.tags.all()]
    texts = [post.public_text if is_whole else ""]
    if is_whole and post.is_members_only:
        texts.append(words_in(post.body))
    for part, text in enumerate(texts):
        facts = {"kind": SearchKind.POST, "topics": _lines(topics), "for_members": part > 0}
        facts["id"] = place_of(post.published_at, SearchKind.POST, post.pk, part)
        yield _row(post, facts, beside, text)


def _row_of_page(page: StandardPage, text: str) -> Row:
    date = page.last_published_at or page.first_published_at or page.latest_revision_created_at or timezone.now()
    facts = {"kind": SearchKind.PAGE, "topics": "", "for_members": False}
    facts["id"] = place_of(date, SearchKind.PAGE, page.pk, 0)
    return _row(page, facts, [page.introduction], text)


def _row(page: Page, facts: dict[str, object], beside: list[str], text: str) -> Row:
    title, about, rest = _beginning(page.title, beside)
    words, joined = stems_and_joined(text)
    facts |= {"page_id": page.pk, "paper_id": None, "first_page": None, "last_page": None, "file_kind": ""}
    facts |= {"of_version": None, "made_of": marks.of_page(page), "made_at": timezone.now()}
    short = _short(words)
    others = _bounded({*joined, *rest, *words[len(short) :]})
    signs = [OF_KIND.format(facts["kind"]), *([] if facts["for_members"] else [PUBLIC])]
    return Row(facts, title, about, short, [*others, *signs], [*_names(page.title, beside[0]), *signs])


def _short(words: list[str]) -> list[str]:
    words = words[:MOST_WORDS]
    while _size(words) > MOST_BYTES:
        words = words[: len(words) // 2]
    return words


# --- What all have ------------------------------------------------------------------------------------------------
def _beginning(title: str, beside: Iterable[str]) -> tuple[list[str], list[str], set[str]]:
    """The stems of the title and of what stands beside it, and the compounds of both, joined."""
    first, joined = stems_and_joined(title[:LONGEST_TITLE])
    second, more = stems_and_joined(" \n".join(beside)[:LONGEST_ABOUT])
    return first, second, joined | more


def _names(title: str, beside: str = "") -> list[str]:
    """The title's words as they are written, for what somebody begins to type; and for what somebody mistypes, the
    skeletons of these and of what stands beside them."""
    words = dict.fromkeys(words_of(title[:LONGEST_ABOUT]))
    others = words | dict.fromkeys(words_of(beside[:LONGEST_ABOUT]))
    bones = dict.fromkeys(skeleton(word) for word in others if len(word) > 3)
    return [*(f"{NAME}{word}" for word in words), *(f"{SKELETON}{each}" for each in bones if each)]


def _lines(names: Iterable[str]) -> str:
    lines = "\n".join(names)
    return f"\n{lines}\n" if lines else ""


def _bounded(words: set[str]) -> list[str]:
    """As many of them as go into one row."""
    if _size(words) <= MOST_REST:
        return list(words)
    kept, size = [], 0
    for word in words:
        size += len(word.encode())
        if size > MOST_REST:
            break
        kept.append(word)
    return kept


def _size(words: Iterable[str]) -> int:
    """In bytes, which are what PostgreSQL counts."""
    return len("".join(words).encode())


# --- What must answer no more, from the commit on that changes it -------------------------------------------------
def forget_former_paper(key: int) -> None:
    """The words of what has changed; by its title of now the paper is found until the worker comes."""
    if not SearchRow.objects.filter(paper=key).exists():  # most are new, and what follows takes long to word
        return
    changed = marks.behind(SharedDocument.objects.filter(pk=key))
    paper = changed.select_related("source", "current_version").first()
    if paper is not None:
        _write_meanwhile(_rows_of_paper(paper, _topics_of([paper])[key], ()), Things(papers=[key]))


def forget_former_page(page: NewsPage | StandardPage) -> None:
    """The same for what the public read of a post or a page, and perhaps shall not any more."""
    if SearchRow.objects.filter(page=page.pk).exclude(made_of=marks.of_page(page)).exists():
        rows = _rows_of_post(page, is_whole=False) if isinstance(page, NewsPage) else [_row_of_page(page, "")]
        _write_meanwhile(rows if page.live else (), Things(pages=[page.pk]))


def _write_meanwhile(rows: Iterable[Row], things: Things) -> None:
    """Without a mark, so that a lost task is noticed."""
    with transaction.atomic():
        place().write([replace(row, facts=row.facts | {"made_of": ""}) for row in rows], instead_of=things)


# --- All of it ----------------------------------------------------------------------------------------------------
def rebuild() -> int:
    """Write every row anew, thing by thing, so that all is found meanwhile. Returns how many things there are."""
    count = write_pages_in(_every_page()) + write_papers_in(SharedDocument.objects.all())
    place().tidy()
    return count


def write_papers_in(papers: models.QuerySet[SharedDocument]) -> int:
    keys = list(papers.order_by("publish_at", "pk").values_list("pk", flat=True))
    for some in _chunks(keys):
        _write_what_can_be(some, write_papers)
    return len(keys)


def write_pages_in(pages: models.QuerySet[Any]) -> int:
    keys = list(pages.values_list("pk", flat=True))
    for some in _chunks(keys):
        _write_what_can_be(some, write_pages)
    return len(keys)


def _write_what_can_be(keys: Sequence[int], write: Callable[[Sequence[int]], None]) -> None:
    """One that cannot be written keeps no other back: the log names it."""
    try:
        write(keys)
    except Exception as error:
        if away.says_so(error):
            raise
        if len(keys) > 1:
            for key in keys:
                _write_what_can_be([key], write)
        else:
            logger.exception("The search stays behind: %s failed for number %d.", write.__name__, keys[0])


def catch_up() -> int:
    """Write what a lost task has left behind. Returns how many things there were."""
    return write_pages_in(_behind(_every_page())) + write_papers_in(marks.behind(SharedDocument.objects.all()))


def _every_page() -> models.QuerySet[Page]:
    return Page.objects.type(NewsPage, StandardPage).filter(live=True).order_by("first_published_at", "pk")


def _behind(pages: models.QuerySet[Page]) -> models.QuerySet[Page]:
    rows = SearchRow.objects.filter(page=OuterRef("pk"))
    is_new, is_forgotten = ~Exists(rows), Exists(rows.filter(made_of=""))
    is_older = Q(last_published_at__isnull=False) & ~Exists(rows.filter(made_at__gte=OuterRef("last_published_at")))
    return pages.filter(is_new | is_forgotten | is_older)


def _chunks(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
