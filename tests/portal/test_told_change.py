"""Whoever chooses another pace hears of everything once: nothing is lost between two digests, nothing told again."""

from __future__ import annotations

import datetime
import re
from collections import Counter

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from members.models import OutgoingMail
from portal.models import Comment, Kind, Owed, Pace, Subscriber
from portal.notifications import announcing, audience, owed, sending
from portal.notifications import comments as comment_mails
from portal.services import preferences, subscribe
from tests.factories import make_member, make_post
from tests.portal.reading import set_site
from tests.portal.telling import run, work_off

pytestmark = pytest.mark.django_db
MONDAY = datetime.datetime(2027, 5, 31, 9, 0, tzinfo=datetime.UTC)  # ten o'clock in London
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
ONCE, DAILY, WEEKLY, NEVER = Pace
# The pace on Monday, and what is chosen so many hours after it; something comes out each day, two hours later.
PATTERNS = {
    "faster": (WEEKLY, {51: DAILY}),
    "slower": (DAILY, {51: WEEKLY}),
    "calmer": (ONCE, {51: WEEKLY}),
    "soon": (WEEKLY, {51: ONCE}),
    "sooner": (DAILY, {51: ONCE}),
    "back": (WEEKLY, {27: DAILY, 75: WEEKLY}),
    "wavers": (WEEKLY, {51: ONCE, 52: DAILY, 53: WEEKLY}),
    "tries": (DAILY, {27: WEEKLY, 28: DAILY, 51: ONCE, 75: DAILY}),
    "mondays": (WEEKLY, {1: DAILY, 145: WEEKLY}),
}
VISITORS = ("faster", "slower", "calmer", "soon", "wavers")


@pytest.fixture
def clock(db):
    set_site(organisation_name="Safe Places", hold_first_comment=False)
    with time_machine.travel(MONDAY, tick=False) as clock:
        run()
        yield clock


def choose(person, pace, kind=Kind.POSTS):
    if isinstance(person, Subscriber):
        subscribe.confirm(subscriber=person, pace=pace)
    else:
        preferences.choose(user=person, kinds={kind: pace}, topics={}, folders={}, wants_mail=True)


def week(clock, *, move=lambda: None):
    """Hours after Monday's digests, until the Tuesday of the week after; the site may move in the night to Friday."""
    for hour in (*range(24 * 7 + 13), 24 * 8):
        clock.move_to(MONDAY + hour * HOUR)
        if hour == 24 * 3 + 14:
            move()
        yield hour


@pytest.fixture
def zones(settings):
    """Moves the site."""

    def move(zone):
        settings.TIME_ZONE = zone
        timezone.get_default_timezone.cache_clear()
        timezone.activate(zone)

    yield move
    timezone.deactivate()
    timezone.get_default_timezone.cache_clear()


def heard(told, hour):
    """Note what the mails of this hour tell."""
    for message in mail.outbox:
        told[message.to[0].partition("@")[0]] += [(hour, each) for each in re.findall(r"(?m)^Post \d$", message.body)]
    mail.outbox.clear()


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Auckland"])
def test_each_post_is_told_once_however_the_pace_changes_and_the_site_moves(clock, zones, zone):
    people = {name: make_member(f"{name}@example.org") for name in PATTERNS}
    for name in VISITORS:
        address, pace = f"v-{name}@example.org", PATTERNS[name][0]
        people[f"v-{name}"] = Subscriber.objects.create(address=address, confirmed_at=timezone.now(), pace=pace)
    changes = {name: PATTERNS[name.removeprefix("v-")][1] for name in people}
    for name, (pace, _) in PATTERNS.items():
        choose(people[name], pace)
    told: dict[str, list[tuple[int, str]]] = {name: [] for name in people}
    for hour in week(clock, move=lambda: zones(zone)):
        if hour % 24 == 2 and hour < 24 * 7:
            announcing.announce_post(make_post(f"Post {hour // 24}", published_at=timezone.now()))
        if hour % 24 in (0, 2) or hour > 24 * 7:
            run()
            heard(told, hour)
        for name, person in people.items():
            if hour in changes[name]:
                choose(person, changes[name][hour])
    for name, titles in told.items():
        assert Counter(title for _, title in titles) == Counter(f"Post {day}" for day in range(7)), (name, titles)
    for name in ("faster", "v-faster", "soon", "v-soon"):  # the next digest
        assert [title for hour, title in told[name] if hour == 72] == ["Post 2", "Post 1", "Post 0"], name
    assert [title for hour, title in told["slower"] if hour > 144] == [f"Post {n}" for n in (6, 5, 4, 3, 2)]


def test_each_comment_is_counted_once(clock):
    post = make_post("A post", published_at=timezone.now() - DAY)
    names = ("faster", "slower", "calmer", "soon", "wavers")
    people = {name: make_member(f"{name}@example.org") for name in names}
    for name, person in people.items():
        Comment.objects.create(post=post, author=person, text="x", state="appeared", wants_mail=True)
        choose(person, PATTERNS[name][0], Kind.COMMENTS)
    other, counts = make_member("other@example.org"), Counter[str]()
    for hour in week(clock):
        if hour % 24 == 2 and hour < 24 * 7:
            comment = Comment.objects.create(
                post=post, author=other, text="New.", state="appeared", mailed_at=timezone.now()
            )
            counts.update(each.email.partition("@")[0] for each in comment_mails.members_to_tell(comment))
        if hour % 24 == 0:
            run()
        for message in mail.outbox:
            found = re.search(r"(\d) new comment", message.body)
            counts[message.to[0].partition("@")[0]] += int(found[1]) if found else 0
        mail.outbox.clear()
        for name, person in people.items():
            if hour in PATTERNS[name][1]:
                choose(person, PATTERNS[name][1][hour], Kind.COMMENTS)
    assert counts == dict.fromkeys(names, 7)


def test_choice_in_the_middle_of_a_digest_gets_it_once(clock, monkeypatch):
    """Of two people one has had the week's, and the other gets the day's, which goes out after it."""
    monkeypatch.setattr(sending, "BATCH", 1)
    first, second = make_member("first@example.org"), make_member("second@example.org")
    announcing.announce_post(make_post("Post 0", published_at=timezone.now()))
    clock.shift(7 * DAY)
    sending.begin_due()
    for key in sending.Run.objects.filter(ended_at=None, pace=WEEKLY).values_list("pk", flat=True):
        sending.send_batch(run_id=key)
    clock.shift(60)
    for person in (first, second):
        choose(person, DAILY)
    work_off()
    clock.shift(DAY)
    run()
    assert [each.to for each in mail.outbox] == [["first@example.org"], ["second@example.org"]]
    assert OutgoingMail.objects.filter(state="sent").count() == 2


def test_choice_before_the_mail_at_once_has_begun_gets_it_with_the_digest(clock):
    quick, slow = make_member("quick@example.org"), make_member("slow@example.org")
    visitor = Subscriber.objects.create(address="visitor@example.org", confirmed_at=timezone.now())
    choose(quick, ONCE)
    clock.shift(1)
    announcing.announce_post(make_post("Post 0", published_at=timezone.now()))
    clock.shift(1)
    choose(quick, DAILY)
    for person in (slow, visitor):  # were owed it by the week's digest, and hear of it at once
        choose(person, ONCE)
    run()
    assert [each.to for each in mail.outbox] == [["slow@example.org"], ["visitor@example.org"]]
    clock.shift(DAY)
    run()
    assert [each.to for each in mail.outbox[2:]] == [["quick@example.org"]]


def test_what_is_owed_is_only_what_may_be_read_then_and_is_forgotten(clock):
    person = make_member("ada@example.org")
    post = make_post("Post 0", published_at=timezone.now() + HOUR)
    announcing.announce_post(post)
    clock.shift(DAY)
    choose(person, DAILY)
    assert list(Owed.objects.values_list("user", "announcement__post")) == [(person.pk, post.pk)]
    post.unpublish()
    clock.shift(DAY)
    run()
    assert mail.outbox == []
    choose(person, NEVER)
    clock.shift(32 * DAY)
    owed.forget_old()
    assert not Owed.objects.exists()
    assert audience.listening(type(person).objects.all()).filter(pk=person.pk).exists()
