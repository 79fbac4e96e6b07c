"""The administration's forms, choosers and lists."""

from __future__ import annotations

import pytest

from tests.access_table.asking import asked_once, read, titles_in, word_for, wrong_cells
from tests.access_table.tables import (
    ADMIN,
    API,
    CHOOSER,
    DOWNLOAD,
    FIRST_VERSION,
    FOLDERS,
    PAGE,
    SECOND_VERSION,
)  # fmt: skip

pytestmark = pytest.mark.xdist_group("access table")


@asked_once
@pytest.mark.parametrize("action", ["edit", "delete"])
def test_administration_of_a_paper_is_for_those_in_the_table(world, action):
    def ask(person, state):
        response = world.clients[person].get(f"/admin/documents/{action}/{world.number(state)}/")
        word = word_for(response)
        assert word == "ok" or f"Paper ({state})" not in response.content.decode()
        return word

    assert wrong_cells(ADMIN, ask) == []


@asked_once
def test_chosen_papers_are_for_those_in_the_table(world):
    def ask(person, state):
        response = world.clients[person].get(f"/admin/documents/chooser/chosen/{world.number(state)}/")
        word = word_for(response)
        assert (f"Paper ({state})" in response.content.decode()) == (word == "ok"), (person, state)
        return word

    assert wrong_cells(CHOOSER, ask) == []


def test_api_of_the_administration_is_for_those_in_the_table(world):
    """What can be changed is what the administration's own lists show."""
    listed = {}
    for person, client in world.clients.items():
        answer = client.get("/admin/api/main/documents/?limit=20")
        listed[person] = answer if answer.status_code != 200 else titles_in(answer.content.decode())

    def in_list(person, state):
        answer = listed[person]
        if not isinstance(answer, set):
            return word_for(answer)
        return "ok" if state in answer else "-"

    assert wrong_cells(API, in_list) == []


def test_table_has_at_least_two_thousand_cells():
    asked = [PAGE] * 3 + [DOWNLOAD] * 2 + [FIRST_VERSION, SECOND_VERSION, FOLDERS] + [ADMIN] * 2 + [API, CHOOSER]
    assert sum(len(read(table)) for table in asked) >= 2_000
