"""What happens at the doors is in the record, in the person's own history, and in a mail where the device is new."""

from __future__ import annotations

import re

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from members import devices
from members.enums import Action
from members.models import AccessRecord, User
from portal.ops import due
from tests.factories import PASSWORD, make_member
from tests.mailbox import delivered, forget

pytestmark = pytest.mark.django_db
ADDRESS = "pat@example.org"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
IPHONE = ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
          "Version/19.0 Mobile/15E148 Safari/604.1")  # fmt: skip


EDGE = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 "
        "Safari/537.36 Edg/150.0.0.0")  # fmt: skip


@pytest.fixture
def pat():
    return make_member(ADDRESS)


def sign_in(agent: str = FIREFOX, client: Client | None = None, host: str = "192.0.2.7") -> Client:
    client = client or Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=host)
    client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
    return client


@pytest.mark.parametrize(("agent", "words"), [
    (FIREFOX, "Firefox on Linux"),
    (IPHONE, "Safari on an iPhone"),
    (EDGE, "Edge on Windows"),
    ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150 Mobile Safari/537.36",
     "Chrome on Android"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0)", "A browser on a Mac"),
    ("curl/8.9", "an unknown browser"), ("", "an unknown browser"), ("<script>" * 900, "an unknown browser"),
])  # fmt: skip
def test_device_is_named_in_words_of_ours(agent, words):
    assert devices.in_words(agent) == words


def test_new_device_is_told_by_mail_once(pat):
    client = sign_in()
    (message,) = delivered()
    assert (message.to, message.subject) == ([ADDRESS], "You signed in from a new device")
    assert "with Firefox on Linux, from the internet address 192.0.2.7. The way in was: password." in message.body
    client.post("/account/logout/")
    sign_in(client=client)
    assert len(delivered()) == 1
    sign_in(IPHONE)
    assert len(delivered()) == 2


def test_history_says_when_and_how_and_with_which_device_and_keeps_no_address(pat):
    Client(HTTP_USER_AGENT=IPHONE, REMOTE_ADDR="192.0.2.99").post(
        "/account/login/", {"login": ADDRESS, "password": "wrong"}
    )
    client = sign_in()
    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": "quiet river stones",
                                              "password2": "quiet river stones"})  # fmt: skip
    page = client.get("/account/sign-ins/").content.decode()
    rows = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in page.split("<tr>")[2:]]
    said = [re.sub(r"^\d+ \w+ \d{4}, \d\d:\d\d ", "", row) for row in rows]
    assert said[0].startswith("Changed the password")
    assert said[1] == "Signed in New device password, Firefox on Linux"
    assert said[2].startswith("Somebody tried to sign in password, Safari on an iPhone")
    assert "192.0.2" not in page
    assert not any("192.0.2" in str(row.details) for row in AccessRecord.objects.all())


def test_history_is_the_own_one_alone_and_costs_the_same_for_thirty_rows(pat, signed_in, django_assert_num_queries):
    other = make_member("other@example.org")
    for _ in range(3):
        sign_in()
    mine, theirs = signed_in(User.objects.get(pk=pat.pk)), signed_in(other)
    assert "Nothing yet" in theirs.get("/account/sign-ins/").content.decode()
    mine.get("/account/sign-ins/")
    with django_assert_num_queries(4):
        mine.get("/account/sign-ins/")
    for _ in range(30):
        AccessRecord.objects.create(action=Action.SIGNED_IN, object_kind="user", object_id=str(pat.pk))
    with django_assert_num_queries(4):
        page = mine.get("/account/sign-ins/").content.decode()
    assert 'href="?page=2"' in page


def test_device_is_signed_out_from_another_one(pat):
    here, there = sign_in(), sign_in(IPHONE)
    page = here.get("/account/sessions/").content.decode()
    assert "Firefox on Linux" in page
    assert "Safari on an iPhone" in page
    assert "192.0.2.7" in page
    session = UserSession.objects.get(session_key=there.session.session_key)
    assert here.post(f"/account/sessions/{session.pk}/end/")["Location"] == "/account/sessions/"
    assert there.get("/members/")["Location"] == "/account/login/?next=/members/"
    assert here.get("/members/").status_code == 200
    row = AccessRecord.objects.first()
    assert (row.action, row.actor_id, row.details) == (Action.SESSION_ENDED, pat.pk, {"device": "Safari on an iPhone"})


def test_all_other_devices_are_signed_out_at_once(pat):
    here, there, third = sign_in(), sign_in(IPHONE), sign_in(IPHONE)
    here.post("/account/sessions/")
    for each in (there, third):
        assert each.get("/members/").status_code == 302
    assert here.get("/members/").status_code == 200


def test_device_of_somebody_else_does_not_exist(pat, signed_in):
    there = sign_in()
    session = UserSession.objects.get()
    other = signed_in(make_member("other@example.org"))
    assert other.post(f"/account/sessions/{session.pk}/end/").status_code == 404
    assert other.get(f"/account/sessions/{session.pk}/end/").status_code == 405
    assert there.get("/members/").status_code == 200


def test_internet_addresses_go_with_their_sessions(pat):
    client = sign_in()
    due.forget_old_sessions()
    assert UserSession.objects.count() == 1
    client.session.delete()
    due.forget_old_sessions()
    assert UserSession.objects.count() == 0


def test_pages_write_nothing(pat):
    client = sign_in()
    before = UserSession.objects.values().get()
    client.get("/members/")
    client.get("/account/sessions/")
    assert UserSession.objects.values().get() == before


def test_record_in_plain_words(pat):
    from members import record_words

    sign_in()
    row = AccessRecord.objects.first()
    record_words.describe([row], pat)
    assert row.words.about == f"Pat Person ({ADDRESS})"
    assert row.words.outcome == "with password; Firefox on Linux; a new device"


def test_sign_in_that_cannot_be_recorded_does_not_happen(pat, monkeypatch):
    forget()

    def fail(*args: object, **details: object) -> None:
        raise RuntimeError("The record is away.")

    monkeypatch.setattr("members.audit.AccessRecord.save", fail)
    client = Client(raise_request_exception=False)
    assert client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD}).status_code == 500
    assert "_auth_user_id" not in client.session
    assert delivered() == []
