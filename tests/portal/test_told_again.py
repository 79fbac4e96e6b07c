"""A mail of many for which the mail server asked for patience: what it says is decided when it goes."""

from __future__ import annotations

import contextlib
import datetime
import re
from collections import Counter
from smtplib import SMTPRecipientsRefused

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends import locmem
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from fileshare.enums import Telling
from fileshare.services import publish
from members.mail_rows import NotSent
from members.models import Membership, OutgoingMail
from portal.models import Comment, Kind, Listener, Pace, SiteSettings, Subscriber
from portal.notifications import announcing, owed
from portal.notifications import comments as comment_mails
from portal.services import preferences, subscribe
from portal.tasks import send_news_again
from tests.factories import make_member, make_post
from tests.portal.reading import make_note, set_site
from tests.portal.telling import run

pytestmark = pytest.mark.django_db
MONDAY = datetime.datetime(2027, 5, 31, 9, 0, tzinfo=datetime.UTC)
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
ONCE, DAILY, WEEKLY, NEVER = Pace
# The pace by which the mail was put off, and what is chosen then.
PATTERNS = ((0, 1), (0, 2, 0), (1, 0), (1, 1), (1, 2, 1), (2, 1), (2, 0, 2))


class Server:
    """Asks for patience as long as it is told to."""

    def __init__(self, monkeypatch) -> None:
        self.is_busy = True
        real = locmem.EmailBackend.send_messages

        def send(backend, messages):
            if self.is_busy:
                raise SMTPRecipientsRefused({messages[0].to[0]: (451, b"Later")})
            return real(backend, messages)

        monkeypatch.setattr(locmem.EmailBackend, "send_messages", send)


@pytest.fixture
def clock(db):
    set_site(organisation_name="Safe Places")
    with time_machine.travel(MONDAY, tick=False) as clock:
        run()
        clock.shift(60)
        yield clock


@pytest.fixture
def server(clock, monkeypatch) -> Server:
    return Server(monkeypatch)


def choose(person, pace):
    if isinstance(person, Subscriber):
        subscribe.confirm(subscriber=person, pace=pace)
    else:
        preferences.choose(
            user=person, kinds={Kind.POSTS: pace, Kind.PAPERS: pace}, topics={}, folders={}, wants_mail=True
        )


def tell(clock, pace, *names):
    """A post and a paper, to people with this pace; their mails are put off."""
    people = [make_member(f"{name}@example.org") for name in names]
    for person in people:
        choose(person, pace)
    clock.shift(60)
    announcing.announce_post(make_post("A post", published_at=timezone.now()))
    if pace != Pace.AT_ONCE:
        make_note("A paper", telling=Telling.YES)
        announcing.announce_papers()
        clock.shift(7 * DAY)
    run()
    assert mail.outbox == []
    assert set(OutgoingMail.objects.values_list("state", "text")) == {("put off", "")}
    return people


def again() -> int:
    """Do what was put off; how many fail again, and stay in the queue."""
    for task in DBTaskResult.objects.filter(task_path=send_news_again.module_path, status="READY"):
        with contextlib.suppress(NotSent):
            send_news_again.func(*task.args_kwargs["args"])
            task.delete()
    return DBTaskResult.objects.filter(task_path=send_news_again.module_path).count()


def subjects() -> dict[str, str]:
    return {message.to[0].partition("@")[0]: message.subject for message in mail.outbox}


def test_words_are_made_anew_and_whoever_stopped_or_lapsed_or_moved_is_asked_about_again(clock, server):
    stays, stopped, lapsed, moved = tell(clock, Pace.DAILY, "stays", "stopped", "lapsed", "moved")
    tasks = DBTaskResult.objects.filter(task_path=send_news_again.module_path)
    assert {each.run_after for each in tasks} == {timezone.now() + datetime.timedelta(minutes=5)}
    preferences.stop(person=stopped)
    Membership.objects.filter(user=lapsed).update(expires_on=timezone.localdate() - 90 * DAY)
    type(moved).objects.filter(pk=moved.pk).update(email="new@example.org")
    paper = make_note("Later", telling=Telling.YES)
    publish.withdraw(document=type(paper).objects.get(title="A paper"), by=None, reason="A slip.")
    server.is_busy = False
    again()
    assert subjects() == {"stays": "News: 1 post", "new": "News: 1 post"}
    assert "A paper" not in mail.outbox[0].body
    found = OutgoingMail.objects.values_list("user", "address", "state")
    assert set(found) == {(stays.pk, "stays@example.org", "sent"), (moved.pk, "new@example.org", "sent")}


def test_mail_at_once_about_what_is_off_the_site_does_not_go_and_one_who_left_gets_nothing(clock, server):
    tell(clock, Pace.AT_ONCE, "soon")
    visitor = Subscriber.objects.create(address="visitor@example.org", confirmed_at=timezone.now(), pace=Pace.AT_ONCE)
    other = make_post("Other", published_at=timezone.now())
    announcing.announce_post(other)
    run()
    assert Counter(OutgoingMail.objects.values_list("state", flat=True)) == {"put off": 3}
    preferences.stop(person=visitor)
    other.unpublish()
    server.is_busy = False
    again()
    assert subjects() == {"soon": "New post: A post"}
    assert Counter(OutgoingMail.objects.values_list("state", flat=True)) == {"sent": 1}


def test_whoever_chooses_another_pace_meanwhile_and_perhaps_back_hears_once(clock, server):
    people = []
    for pace, other, *back in PATTERNS:
        name = f"p{pace}{other}{len(back)}@example.org"
        member, address = make_member(name), f"v-{name}"
        choose(member, pace)
        visitor = Subscriber.objects.create(address=address, confirmed_at=timezone.now(), pace=pace)
        people += [(member, (other, *back)), (visitor, (other, *back))]
    clock.shift(60)
    announcing.announce_post(make_post("A post", published_at=timezone.now()))
    for _ in range(8):
        run()
        clock.shift(DAY)
    assert Counter(OutgoingMail.objects.values_list("state", flat=True)) == {"put off": len(people)}
    for step in range(2):
        clock.shift(60)
        for person, chosen in people:
            if chosen[step:]:
                person.refresh_from_db()
                choose(person, chosen[step])
    owed.forget_old()
    assert again() > 0, "the server is busy still"
    server.is_busy = False
    assert again() == 0
    for _ in range(8):
        clock.shift(DAY)
        run()
        owed.forget_old()
    told = Counter(message.to[0] for message in mail.outbox for _ in re.findall("(?m)^A post$", message.body))
    assert told == {str(getattr(person, "email", "") or person.address): 1 for person, _ in people}
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {"sent"}


# --- Comments --------------------------------------------------------------------------------------------------------
# The pace at first, and what is chosen then, one hour after the other.
CHOICES = {
    "stays": (WEEKLY,), "faster": (WEEKLY, DAILY), "back": (WEEKLY, DAILY, WEEKLY), "wavers": (WEEKLY, ONCE, DAILY),
    "slower": (DAILY, WEEKLY), "tries": (DAILY, ONCE, DAILY),
}  # fmt: skip


def choose_for_comments(person, pace):
    preferences.choose(user=person, kinds={Kind.COMMENTS: pace}, topics={}, folders={}, wants_mail=True)


@pytest.fixture
def others(clock):
    """Writes a comment, and tells those who hear of it at once: `counts` has them by person."""
    SiteSettings.objects.update(hold_first_comment=False)
    post, other, counts = (
        make_post("A post", published_at=timezone.now() - DAY),
        make_member("o@example.org"),
        Counter(),
    )

    def write() -> None:
        comment = Comment.objects.create(
            post=post, author=other, text="New.", state="appeared", mailed_at=timezone.now()
        )
        counts.update(each.email.partition("@")[0] for each in comment_mails.members_to_tell(comment))

    write.post, write.counts = post, counts
    return write


def people_of(post, patterns):
    people = {name: make_member(f"{name}@example.org") for name in patterns}
    for name, person in people.items():
        Comment.objects.create(post=post, author=person, text="x", state="appeared", wants_mail=True)
        choose_for_comments(person, patterns[name][0])
    return people


def count_mails(counts):
    for message in mail.outbox:
        counts[message.to[0].partition("@")[0]] += int(re.search(r"(\d+) new comment", message.body)[1])
    mail.outbox.clear()


@pytest.mark.django_db
def test_no_moment_lies_between_what_is_owed_and_the_next_digest():
    person = make_member()
    choose_for_comments(person, WEEKLY)
    choose_for_comments(person, NEVER)
    listener = Listener.objects.get(user=person)
    assert listener.windows_of_comments[-1][1] == listener.comments_chosen_at


@pytest.mark.parametrize("goes", ["before the choice", "after it", "after the next digests"])
def test_digest_put_off_past_a_later_one_loses_no_comment_and_none_is_counted_twice(clock, server, others, goes):
    people = people_of(others.post, CHOICES)
    clock.shift(HOUR)
    others()
    clock.shift(7 * DAY)
    run()
    assert mail.outbox == []
    assert Counter(OutgoingMail.objects.values_list("state", flat=True)) == {"put off": len(people)}
    server.is_busy = False
    clock.shift(HOUR)
    others()
    clock.shift(7 * DAY)  # a later digest of each pace
    run()
    others()
    assert OutgoingMail.objects.filter(state="put off").count() == len(people), "still"
    if goes == "before the choice":
        assert again() == 0
    for step in (1, 2):
        clock.shift(HOUR)
        for name, person in people.items():
            for pace in CHOICES[name][step : step + 1]:
                choose_for_comments(person, pace)
    if goes == "after it":
        assert again() == 0
    clock.shift(HOUR)
    others()
    for _ in range(2):
        clock.shift(7 * DAY)
        run()
    if goes == "after the next digests":
        assert again() == 0
    count_mails(others.counts)
    assert others.counts == dict.fromkeys(CHOICES, 4)


def test_digest_that_takes_what_is_owed_may_be_put_off_and_the_pace_may_change_again(clock, server, others):
    people = people_of(others.post, {"weekly": (WEEKLY,), "never": (WEEKLY,)})
    server.is_busy = False
    clock.shift(HOUR)
    others()
    clock.shift(HOUR)
    for person in people.values():
        choose_for_comments(person, DAILY)
    server.is_busy = True
    clock.shift(DAY)
    run()
    assert OutgoingMail.objects.filter(state="put off").count() == 2
    server.is_busy = False
    others()
    clock.shift(DAY)
    run()
    count_mails(others.counts)
    assert others.counts == {"weekly": 1, "never": 1}
    choose_for_comments(people["weekly"], WEEKLY)
    choose_for_comments(people["never"], NEVER)
    clock.shift(HOUR)
    choose_for_comments(people["never"], WEEKLY)
    assert Listener.objects.get(user=people["never"]).comments_owed == []
    assert again() == 0
    for _ in range(2):
        clock.shift(7 * DAY)
        run()
    count_mails(others.counts)
    assert others.counts == {"weekly": 2, "never": 1}
