"""Short marks of what a row of the search was made of, so that it is seen when that has changed.

A paper's mark is made by the database, as the row is written and as all papers are looked through for those that a lost
task left behind: the same expression each time. A page's is that of what the public reads of it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Exists, F, Func, Max, OuterRef, Subquery, Sum, TextField, Value
from django.db.models.functions import MD5, Cast, Coalesce
from taggit.models import TaggedItem

from fileshare.models import SharedDocument
from portal.models import NewsPage, SearchRow

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.models import StandardPage


class Joined(Func):
    """As `Concat`, which is one inside the other for each part: SQLite's parser has no room for so many."""

    template, arg_joiner = "(%(expressions)s)", " || "
    output_field = TextField()


BETWEEN, NOTHING = (Value(each, output_field=TextField()) for each in ("\x1f", ""))
# The state of the text is among them: it is made after the version.
COLUMNS = (
    "publish_at", "title", "description", "source__name", "source__abbreviation", "current_version",
    "current_version__derivation__state",
)  # fmt: skip


def with_marks(papers: QuerySet[SharedDocument]) -> QuerySet[SharedDocument]:
    """Each with `mark`."""
    parts: list[Any] = []
    for name in COLUMNS:
        parts += [Coalesce(Cast(F(name), TextField()), NOTHING), BETWEEN]
    return papers.annotate(mark=MD5(Joined(*parts, *_tags())))


def _tags() -> list[Any]:
    """Keys only grow: another tag raises the highest, and one less lowers the sum."""
    kind = ContentType.objects.get_for_model(SharedDocument)
    tagged = TaggedItem.objects.filter(content_type=kind, object_id=OuterRef("pk")).order_by().values("object_id")
    found = tagged.annotate(
        all=Joined(*(part for of in (Count, Sum, Max) for part in (Cast(of("pk"), TextField()), BETWEEN)))
    )
    return [Coalesce(Subquery(found.values("all"), output_field=TextField()), NOTHING)]


def behind(papers: QuerySet[SharedDocument]) -> QuerySet[SharedDocument]:
    """Those whose rows were made of something else, or that have none."""
    rows = SearchRow.objects.filter(paper=OuterRef("pk"), made_of=OuterRef("mark"))
    return with_marks(papers).filter(~Exists(rows))


def of_page(page: NewsPage | StandardPage) -> str:
    parts = [page.title, introduction_of(page), page.public_text]
    return hashlib.md5("\x1f".join(parts).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def introduction_of(page: NewsPage | StandardPage) -> str:
    """What stands between its title and its text."""
    return page.standfirst if isinstance(page, NewsPage) else page.introduction
