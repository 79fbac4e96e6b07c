"""What the tests of leaving and of being erased share: who leaves, and how."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from tests.factories import PASSWORD, make_member

NAME, ADDRESS = "Quentin Quillfeather", "quentin@example.org"
LEAVE, STAY, PRIVACY = "/members/privacy/leave/", "/members/privacy/stay/", "/members/privacy/"
FORTNIGHT = datetime.timedelta(days=14)
WITHOUT, WITH = {"name": "loses", "is_meant": "on"}, {"name": "keeps", "is_meant": "on"}


@pytest.fixture(autouse=True)
def list_of_its_own(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def pat():
    return make_member(ADDRESS, first_name="Quentin", last_name="Quillfeather")


def confirm(client):
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def leave(client, choice=WITHOUT):
    response = confirm(client).post(LEAVE, choice)
    assert (response.status_code, response["Location"]) == (302, PRIVACY)


def run_at(moment):
    with time_machine.travel(moment, tick=False):
        call_command("run_due")


def after_the_fortnight():
    run_at(timezone.now() + FORTNIGHT + datetime.timedelta(minutes=1))
