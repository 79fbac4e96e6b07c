"""How comments, contact pages and the site's own work are called in the access record: a comment by the post that it
stands below, for whoever may read it, and a page by its title while it is public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from members import record_words
from members.keys import as_keys
from portal.models import Comment, ContactPage, NewsPage
from portal.services import failed_work

if TYPE_CHECKING:
    from members.models import User


def _names(reader: User, numbers: set[str]) -> dict[str, str]:
    listed = NewsPage.objects.listed().order_by().values("pk")
    named = Comment.objects.filter(pk__in=as_keys(numbers), post__in=listed).values_list("pk", "post__title")
    return {str(pk): f"A comment on “{title}” ({pk})" for pk, title in named}


def _find(reader: User, text: str) -> list[str]:
    listed = NewsPage.objects.listed().filter(title__icontains=text).order_by().values("pk")
    return [str(pk) for pk in Comment.objects.filter(post__in=listed).values_list("pk", flat=True)]


def _pages(reader: User, numbers: set[str]) -> dict[str, str]:
    titled = ContactPage.objects.live().public().filter(pk__in=as_keys(numbers)).values_list("pk", "title")
    return {str(pk): f"The page “{title}” ({pk})" for pk, title in titled}


def _find_pages(reader: User, text: str) -> list[str]:
    return [
        str(pk) for pk in ContactPage.objects.live().public().filter(title__icontains=text).values_list("pk", flat=True)
    ]


def _work(reader: User, names: set[str]) -> dict[str, str]:
    words = {path.rpartition(".")[2]: said for path, said in failed_work.WORDS.items()}
    return {name: words[name] for name in names if name in words}


def register() -> None:
    """Called once, when the apps are ready."""
    record_words.register("contact_page", record_words.Kind(_pages, _find_pages, "A contact page that is not public"))
    record_words.register(failed_work.KIND, record_words.Kind(_work, lambda reader, text: [], "Work of the site"))
    record_words.register("comment", record_words.Kind(_names, _find, "A comment on a post that is not public"))
