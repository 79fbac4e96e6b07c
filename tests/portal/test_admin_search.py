"""The index of the administration's search: what is written gets its number, and nothing else is touched."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db.models import Avg
from django.db.models.functions import Length
from wagtail.documents import get_document_model
from wagtail.search import index
from wagtail.search.models import IndexEntry

from portal import admin_search
from tests.factories import make_paper

pytestmark = pytest.mark.django_db


def entries():
    return IndexEntry.objects.annotate(length=Length("title")).filter(length__gt=0)


def entry_of(paper):
    return entries().get(object_id=str(paper.pk), content_type__model="shareddocument")


@pytest.fixture
def papers():
    found = [make_paper(title=title) for title in ("Crowds", "Crowds and stadiums in winter", "Shopping centres")]
    for paper in found:
        index.insert_or_update_object(paper)
    return found


def test_what_is_written_counts_by_the_average_of_the_newest_titles(papers):
    average = entries().order_by("-pk").aggregate(average=Avg("length"))["average"]
    index.insert_or_update_object(papers[1])

    written = entry_of(papers[1])
    assert written.title_norm == pytest.approx(average / written.length)
    assert entry_of(papers[0]).title_norm > written.title_norm


def test_writing_one_touches_no_other_and_reads_the_newest_alone(papers, monkeypatch):
    monkeypatch.setattr(admin_search, "NEWEST", 1)
    IndexEntry.objects.update(title_norm=1.0)  # as rows without a number are marked
    index.insert_or_update_object(papers[1])

    others = IndexEntry.objects.exclude(pk=entry_of(papers[1]).pk)
    assert set(others.values_list("title_norm", flat=True)) == {1.0}
    written, newest = entry_of(papers[1]), entries().order_by("-pk")[0]
    assert written.title_norm == pytest.approx(newest.length / written.length)


def test_whole_index_made_anew_has_every_number_by_all_titles(papers):
    IndexEntry.objects.update(title_norm=9.0)
    call_command("update_index", verbosity=0)

    average = entries().aggregate(average=Avg("length"))["average"]
    assert [each.title_norm for each in entries()] == [pytest.approx(average / each.length) for each in entries()]
    assert entries().count() >= len(papers)


def test_editors_find_what_was_saved(papers):
    assert list(get_document_model().objects.search("stadiums")) == [papers[1]]
