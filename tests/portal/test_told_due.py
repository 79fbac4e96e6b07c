"""When mail to many begins and goes on: embargoes, held things, clocks, refusals, workers that die in the middle."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends import locmem
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from fileshare.enums import Telling
from fileshare.models import Folder, SharedDocument
from fileshare.services import inspect, publish
from members import mail_rows, mail_to_many
from members.enums import MailState
from members.mail_rows import NotSent
from members.models import OutgoingMail
from portal.models import Announcement, Kind, Pace, Preference, Run
from portal.notifications import announcing, sending
from portal.tasks import send_news
from tests.factories import make_folder, make_member, make_post
from tests.portal.reading import make_note, set_site
from tests.portal.telling import run, told, work_off

pytestmark = pytest.mark.django_db
LONDON = zoneinfo.ZoneInfo("Europe/London")
DAY = datetime.timedelta(days=1)


@pytest.fixture
def clock(db):
    set_site(organisation_name="Safe Places")
    with time_machine.travel(datetime.datetime(2027, 6, 2, 11, tzinfo=datetime.UTC), tick=False) as clock:
        run()
        yield clock


def listener(name, pace=Pace.AT_ONCE):
    user = make_member(f"{name}@example.org")
    for kind in (Kind.POSTS, Kind.PAPERS):
        Preference.objects.create(user=user, kind=kind, pace=pace)
    return user


def titles() -> list[str]:
    return sorted(message.subject.rpartition(": ")[2] for message in told().values())


# --- What is announced, and when ------------------------------------------------------------------------------------
def test_paper_is_told_of_when_it_may_be_read_and_once(clock):
    listener("soon")
    hour, folder = datetime.timedelta(hours=1), make_folder("Guidance")
    embargoed = make_note("Embargoed", collection=folder, publish_at=timezone.now() + hour, telling=Telling.YES)
    waiting = make_note("Waiting", collection=folder, telling=Telling.YES, inspected=False)
    assert titles() == []
    inspect.inspect(version_id=waiting.versions.get().pk)
    assert titles() == ["Waiting"]
    clock.shift(hour)
    assert titles() == ["Embargoed"]
    publish.withdraw(document=embargoed, by=None, reason="A slip.")
    publish.bring_back(document=embargoed, by=None)
    assert titles() == []
    assert set(SharedDocument.objects.values_list("telling", flat=True)) == {Telling.TOLD}


def test_folder_decides_where_the_paper_leaves_it_to_it_and_withdrawn_is_not_told(clock):
    listener("soon")
    telling, silent = make_folder("Telling"), make_folder("Silent")
    Folder.objects.filter(pk=silent.pk).update(tells_members=False)
    for folder in (telling, silent):
        for choice in (Telling.FOLDER, Telling.YES, Telling.NO):
            make_note(f"{folder.name} {choice}", collection=folder, telling=choice)
    withdrawn = make_note("Withdrawn", collection=telling, telling=Telling.YES)
    publish.withdraw(document=withdrawn, by=None, reason="A slip.")
    announcing.announce_papers()
    found = {announcement.paper.title for announcement in Announcement.objects.all()}
    assert found == {"Telling folder", "Telling yes", "Silent yes"}
    assert SharedDocument.objects.get(title="Silent folder").telling == Telling.NO
    Announcement.objects.exclude(paper__title="Telling yes").delete()
    sending.begin_due()
    publish.withdraw(document=SharedDocument.objects.get(title="Telling yes"), by=None, reason="At the last moment.")
    work_off()
    assert mail.outbox == []


def test_post_is_told_of_on_its_date_once_unless_it_is_held_or_old(clock):
    listener("soon")
    coming = make_post("Coming", published_at=timezone.now() + DAY)
    for post in (
        coming,
        make_post("Held", tells_members=False),
        make_post("Old", published_at=timezone.now() - 40 * DAY),
    ):
        announcing.announce_post(post)
    assert titles() == []
    coming.published_at += DAY
    coming.save()
    announcing.announce_post(coming)
    clock.shift(DAY)
    assert titles() == []
    clock.shift(DAY)
    assert titles() == ["Coming"]
    announcing.announce_post(coming)
    assert titles() == []
    later = make_post("Held in time", published_at=timezone.now() + DAY)
    announcing.announce_post(later)
    later.tells_members = False
    announcing.announce_post(later)
    clock.shift(2 * DAY)
    assert titles() == []


# --- Days ----------------------------------------------------------------------------------------------------------
def test_digest_goes_once_a_day_also_when_the_clock_is_put_back_or_the_site_moves(settings, clock):
    listener("daily", Pace.DAILY)
    number = iter(range(100))

    def mails_at(*when) -> int:
        clock.move_to(datetime.datetime(2027, 10, *when, tzinfo=LONDON))
        announcing.announce_post(make_post(f"Post {next(number)}", published_at=timezone.now() - DAY / 24))
        return len(told())

    assert [mails_at(29, 6, 59), mails_at(29, 7, 0), mails_at(29, 23, 0)] == [0, 1, 0]
    # On 31 October the clock goes back at two.
    assert [mails_at(30, 7, 30), mails_at(31, 1, 30), mails_at(31, 7, 1), mails_at(31, 12, 0)] == [1, 0, 1, 0]
    settings.TIME_ZONE = "Pacific/Honolulu"
    timezone.get_default_timezone.cache_clear()
    timezone.activate("Pacific/Honolulu")
    try:  # it is the day before there, and then the same day once more
        hours = [clock.shift(DAY / 24) or len(told()) for _ in range(30)]
    finally:
        timezone.deactivate()
        timezone.get_default_timezone.cache_clear()
    assert sum(hours) == 1


def test_week_s_digest_goes_on_monday_or_on_the_day_when_the_timer_is_back(clock):
    listener("weekly", Pace.WEEKLY)
    clock.move_to(datetime.datetime(2027, 6, 7, 6, 59, tzinfo=LONDON))
    announcing.announce_post(make_post("One", published_at=timezone.now() - DAY))
    assert told() == {}
    clock.move_to(datetime.datetime(2027, 6, 9, 3, 0, tzinfo=LONDON))  # the timer was away on Monday
    assert len(told()) == 1
    clock.move_to(datetime.datetime(2027, 6, 14, 7, 0, tzinfo=LONDON))
    assert told() == {}, "there is nothing in it"
    assert Run.objects.filter(pace=Pace.WEEKLY, ended_at__isnull=False).count() == 3


# --- Trouble ---------------------------------------------------------------------------------------------------------
class Died(BaseException):
    """As if the worker were killed."""


@pytest.mark.parametrize("step", ["letters", "rows", "sent", "settled", "advanced"])
def test_worker_that_dies_again_and_again_tells_everybody_once(clock, monkeypatch, step):
    """Ten times, each time further on, at one place of the work."""
    monkeypatch.setattr(sending, "BATCH", 5)
    people = [listener(f"p{number}").email for number in range(23)]
    announcing.announce_post(make_post("Told once", published_at=timezone.now()))
    sending.begin_due()
    places = {
        "letters": (sending, "_letters"), "rows": (mail_to_many._Batch, "send"), "sent": (mail_to_many._Batch, "send"),
        "settled": (mail_rows, "settle"), "advanced": (sending, "_go_on"),
    }  # fmt: skip
    where, name = places[step]
    real, calls = getattr(where, name), iter(range(1, 1000))
    deaths = iter(range(1, 11))

    def dies(*arguments, **more):
        before = step in ("letters", "rows")
        is_due = next(calls) % 3 == 0 and next(deaths, None)
        if is_due and before:
            raise Died
        result = real(*arguments, **more)
        if is_due:
            raise Died
        return result

    monkeypatch.setattr(where, name, dies)
    for _ in range(40):
        try:
            work_off()
        except Died:
            continue
        break
    found = sorted(message.to[0] for message in mail.outbox)
    assert found == sorted(people)
    assert Run.objects.get(announcement__isnull=False).mails <= len(people)
    # Of a mail that went as its worker died the row says that it was being sent.
    assert OutgoingMail.objects.filter(state=MailState.SENDING).count() <= 10
    assert not OutgoingMail.objects.exclude(state__in=[MailState.SENT, MailState.SENDING]).exists()


def test_two_workers_at_one_batch_send_each_mail_once_and_go_on_once(clock):
    listener("soon")
    announcing.announce_post(make_post("One", published_at=timezone.now()))
    sending.begin_due()
    key = Run.objects.get(announcement__isnull=False).pk
    for _ in range(2):
        sending.send_batch(run_id=key)
    assert len(mail.outbox) == 1
    waiting = DBTaskResult.objects.filter(task_path=send_news.module_path, args_kwargs__args=[key])
    assert waiting.count() == 3, "the first, and one for each step that was taken"


def test_server_away_loses_nothing_and_what_was_hidden_meanwhile_is_not_sent(clock, monkeypatch):
    for name in ("first", "second"):
        listener(name)
    paper = make_note("Hidden soon", telling=Telling.YES)
    real = locmem.EmailBackend.send_messages

    def away(self, messages):
        if mail.outbox:
            raise SMTPServerDisconnected("Gone.")
        return real(self, messages)

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", away)
    with pytest.raises(NotSent):
        run()
    assert [each.to for each in mail.outbox] == [["first@example.org"]]
    publish.withdraw(document=paper, by=None, reason="A slip.")
    monkeypatch.setattr(locmem.EmailBackend, "send_messages", real)
    work_off()
    assert len(mail.outbox) == 1


def test_mail_that_waited_goes_to_the_address_that_its_person_has_now(clock, monkeypatch):
    users = [listener(name) for name in ("first", "second")]
    announcing.announce_post(make_post("One", published_at=timezone.now()))
    real = locmem.EmailBackend.send_messages

    def away(self, messages):
        raise SMTPServerDisconnected("Gone.")

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", away)
    with pytest.raises(NotSent):
        run()
    type(users[0]).objects.filter(pk=users[0].pk).update(email="new@example.org")
    monkeypatch.setattr(locmem.EmailBackend, "send_messages", real)
    work_off()
    assert sorted(each.to for each in mail.outbox) == [["new@example.org"], ["second@example.org"]]
    kept = OutgoingMail.objects.filter(state=MailState.SENT).values_list("user", "address")
    assert set(kept) == {(users[0].pk, "new@example.org"), (users[1].pk, "second@example.org")}


def test_address_refused_for_good_hears_no_more_until_its_owner_says_so(clock, monkeypatch, signed_in):
    user = listener("gone")
    listener("here")

    def refuse(self, messages):
        raise SMTPRecipientsRefused({"gone@example.org": (550, b"No such user")})

    real = locmem.EmailBackend.send_messages
    monkeypatch.setattr(
        locmem.EmailBackend, "send_messages",
        lambda self, messages: (refuse if messages[0].to == ["gone@example.org"] else real)(self, messages),
    )  # fmt: skip
    for title, heard in (("One", ["here@example.org"]), ("Two", ["here@example.org"])):
        announcing.announce_post(make_post(title, published_at=timezone.now()))
        assert list(told()) == heard
    assert OutgoingMail.objects.filter(state=MailState.REFUSED).count() == 1
    client = signed_in(user)
    assert "nothing arrives at gone@example.org" in client.get("/members/mail/").content.decode()
    clock.shift(60)
    monkeypatch.setattr(locmem.EmailBackend, "send_messages", real)
    form = {f"kind-{kind}": "0" if kind != Kind.MEMBERSHIP else "2" for kind in Kind} | {"wants_mail": "on"}
    assert client.post("/members/mail/", form).status_code == 302
    announcing.announce_post(make_post("Three", published_at=timezone.now()))
    assert sorted(told()) == ["gone@example.org", "here@example.org"]


def test_no_question_to_the_database_for_each_person_but_those_of_the_own_mail(clock):
    for number in range(30):
        listener(f"p{number}", Pace.DAILY)
    for number in range(5):
        announcing.announce_post(make_post(f"Post {number}", published_at=timezone.now()))
    clock.shift(DAY)
    sending.begin_due()
    key = Run.objects.get(pace=Pace.DAILY, ended_at=None).pk
    with CaptureQueriesContext(connection) as asked:
        sending.send_batch(run_id=key)
    questions = [each["sql"] for each in asked.captured_queries if not re.search('SAVEPOINT|"cache"', each["sql"])]
    # Two for each mail: taken, and sent. Three of the others ask indexes for the next change of the public pages.
    assert len(questions) <= 2 * 30 + 31
    assert len(mail.outbox) == 30


def test_rate_is_kept_by_waiting_between_batches(clock, settings):
    settings.MAILS_A_MINUTE = 12
    for number in range(5):
        listener(f"p{number}")
    announcing.announce_post(make_post("One", published_at=timezone.now()))
    run_key = (sending.begin_due(), Run.objects.get(announcement__isnull=False).pk)[1]
    sending.send_batch(run_id=run_key)
    assert len(mail.outbox) == 2
    later = DBTaskResult.objects.filter(task_path=send_news.module_path).exclude(run_after__year=9999).get()
    assert datetime.timedelta(seconds=8) < later.run_after - timezone.now() <= datetime.timedelta(seconds=10)
