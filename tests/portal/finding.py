"""Making what can be found, and finding it."""

from __future__ import annotations

from bs4 import BeautifulSoup
from django.http import HttpResponse
from django.test import Client
from django_tasks_db.models import DBTaskResult

from fileshare.enums import Making
from fileshare.models import Derivation, PageText, SharedDocument
from portal import tasks
from portal.search import index
from tests.portal.reading import make_note

WORD = "heliotrope"
OURS = {
    each.module_path: each
    for each in (tasks.index_page, tasks.index_paper, tasks.index_papers_of, tasks.index_posts_of)
}


def work() -> None:
    """What the worker does with each thing that was saved."""
    for task in DBTaskResult.objects.ready().filter(task_path__in=OURS):
        OURS[task.task_path].func(*task.args_kwargs["args"])
        task.delete()


def titles(asked: str, client: Client | None = None, **more: object) -> list[str]:
    work()
    page = (client or Client()).get("/search/", {"q": asked, **more})
    assert page.status_code == 200
    return [" ".join(heading.get_text().split()) for heading in soup_from(page).select(".post-card h3")]


def make_text(title: str, *pages: str, **fields: object) -> SharedDocument:
    """A paper that can be found, with this text."""
    paper = make_note(title, **fields)
    version = paper.current_version
    Derivation.objects.create(version=version, state=Making.MADE)
    PageText.objects.bulk_create(PageText(version=version, number=n, text=text) for n, text in enumerate(pages, 1))
    index.write_papers([paper.pk])
    return paper


def soup_from(response: HttpResponse) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")
