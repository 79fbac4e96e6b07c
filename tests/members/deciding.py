"""Where a secretary decides about applications in the administration, and what is said and recorded there."""

from __future__ import annotations

from members.models import AccessRecord
from tests.members.joining import soup_in
from tests.portal.reading import words_of

LIST = "/admin/snippets/members/application/"
WORDS = {"subject": "Welcome", "text": "Good day, {first name}: number {number}, {until}."}


def page(application):
    return f"{LIST}inspect/{application.pk}/"


def step(application, name):
    return f"{LIST}decide/{application.pk}/{name}/"


def bulk(name, *applications):
    chosen = "&".join(f"id={each.pk}" for each in applications)
    return f"/admin/bulk/members/application/{name}/?{chosen}&next={LIST}"


def messages_of(answer):
    return words_of(soup_in(answer).select_one(".messages") or soup_in(answer))


def last_rows(*actions):
    rows = AccessRecord.objects.filter(action__in=actions)
    return [(row.action, row.actor_id, row.object_id, row.details) for row in rows]
