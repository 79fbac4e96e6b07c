"""Short marks of what a row of the search was made of, so that it is seen when that has changed.

A paper's mark is made by the database, as the row is written and as all papers are looked through for those that a lost
task left behind: the same expression each time. A page's is that of its public words.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Exists, F, Func, Max, OuterRef, Subquery, Sum, TextField, Value
from django.db.models.functions import MD5, Cast, Coalesce
from taggit.models import TaggedItem

from fileshare.models import SharedDocument
from portal.models import SearchRow
from portal.search.interface import place

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.models import NewsPage, StandardPage


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
    return hashlib.md5(page.public_text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


# --- What must answer no more, from the commit on that changes it -------------------------------------------------
def forget_former_version(paper: SharedDocument) -> None:
    """The text of the version that readers got before; by its title the paper is found meanwhile."""
    rows = SearchRow.objects.filter(paper=paper.pk).exclude(of_version=paper.current_version_id)
    keys = list(rows.values_list("pk", flat=True))
    if keys:
        place().forget_text(keys)
        SearchRow.objects.filter(pk__in=keys).update(of_version=paper.current_version_id, made_of="")


def forget_former_words(page: NewsPage | StandardPage) -> None:
    """What the public read, and perhaps shall not any more."""
    rows = SearchRow.objects.filter(page=page.pk).exclude(made_of=of_page(page))
    keys = list(rows.values_list("pk", flat=True))
    if keys:
        place().forget_text(keys)
        SearchRow.objects.filter(pk__in=keys).update(made_of="")
