"""The addresses in news by mail, each for one thing; a visitor's subscription; the member's own page of choices."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core import mail
from django.test import Client
from django.utils import timezone

from members.models import OutgoingMail, User
from members.services import erase
from portal.models import Announcement, Kind, Listener, Pace, Preference, Subscriber, Topic
from portal.notifications import announcing, links
from portal.services import preferences, subscribe
from tests.factories import make_folder, make_member, make_post
from tests.mailbox import delivered
from tests.members.joining import opened
from tests.portal.reading import set_site
from tests.portal.telling import feed_address, run

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
ADDRESS = "reader@example.org"


@pytest.fixture(autouse=True)
def site(db):
    set_site(organisation_name="Safe Places")


def path(address: str) -> str:
    return address.removeprefix("http://127.0.0.1:8000")


def soup(answer):
    return BeautifulSoup(answer.content, "html.parser").main


def words(answer) -> str:
    return " ".join(soup(answer).get_text(" ").split())


# --- Stopping ----------------------------------------------------------------------------------------------------
def test_one_click_stops_without_session_or_token_of_a_form_as_often_as_one_likes():
    user = make_member()
    client = Client(enforce_csrf_checks=True)
    address = path(links.stop_address(user))
    for method in ("get", "head"):
        assert getattr(client, method)(address).status_code == 200
    assert not Listener.objects.filter(stopped_at__isnull=False).exists()
    for _ in range(2):
        answer = client.post(address, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "No more news by mail" in words(answer)
        assert answer["Cache-Control"] == "private, no-store"
    assert Listener.objects.get(user=user).stopped_at is not None
    assert not answer.cookies.get("__Host-session")


def test_visitor_who_stops_is_forgotten_and_a_second_click_finds_nothing_to_stop(client):
    subscriber = Subscriber.objects.create(address=ADDRESS, confirmed_at=timezone.now())
    address = path(links.stop_address(subscriber))
    answer = client.post(address)
    assert (answer.status_code, "your address is forgotten" in words(answer)) == (200, True)
    assert not Subscriber.objects.exists()
    answer = client.post(address)
    assert (answer.status_code, soup(answer).h1.get_text()) == (200, "This link has nothing to stop")


def test_link_of_a_subscription_that_ended_stops_nothing_and_says_so(client):
    subscriber = Subscriber.objects.create(address=ADDRESS, confirmed_at=timezone.now())
    old = [path(links.stop_address(subscriber))]
    preferences.stop(person=subscriber)
    again = Subscriber.objects.create(address=ADDRESS, confirmed_at=timezone.now())
    user = make_member("ada@example.org")
    old.append(path(links.stop_address(user)))
    User.objects.filter(pk=user.pk).update(email="new@example.org")
    for address in old:
        for method in ("get", "post"):
            answer = getattr(client, method)(address)
            assert (answer.status_code, soup(answer).h1.get_text()) == (200, "This link has nothing to stop")
            assert soup(answer).form is None
    assert list(Subscriber.objects.all()) == [again]
    assert not Listener.objects.exists()


def test_token_cut_old_of_another_or_for_another_use_opens_nothing(client):
    user = make_member("ada@example.org")
    stop, choose = links.token(user, links.STOP), links.token(user, links.CHOOSE)
    for use, tokens in {
        "stop": [stop[:-1], choose, stop.replace(f"m{user.pk}", "m0"), "x", "m99999999999999999999-a.b.c"],
        "choose": [choose[:-1], stop, choose.replace(f"m{user.pk}", f"v{user.pk}"), "x"],
        "confirm": [choose, stop, "x"],
    }.items():
        for token in tokens:
            answer = client.post(f"/mail/{use}/{token}/")
            assert (answer.status_code, "This link opens nothing" in words(answer)) == (404, True), (use, token)
    with time_machine.travel(timezone.now() + 61 * DAY):
        assert client.get(f"/mail/choose/{choose}/").status_code == 404
        assert client.get(f"/mail/stop/{stop}/").status_code == 200
    user.email = "new@example.org"
    user.save()
    assert client.get(f"/mail/choose/{choose}/").status_code == 404
    client.post(f"/mail/stop/{stop}/")
    assert not Listener.objects.exists(), "an old address stops nothing of the new one"


# --- Choosing ----------------------------------------------------------------------------------------------------
def test_member_chooses_for_kinds_topics_and_folders_and_starts_again(signed_in):
    user, topic = make_member(), Topic.objects.create(name="Events", slug="events")
    above = make_folder("Guidance")
    folder, closed = make_folder("Reports", parent=above), make_folder("Board", groups=("Board",))
    preferences.stop(person=user)
    client = signed_in(user)
    page = soup(client.get("/members/mail/"))
    fields = {each["name"] for each in page.select("select")}
    of_kinds = {f"kind-{kind}" for kind in Kind}
    assert fields == of_kinds | {f"topic-{topic.pk}", f"folder-{above.pk}", f"folder-{folder.pk}"}
    assert not page.select_one("[name=wants_mail]").has_attr("checked")
    form = {name: page.select_one(f"[name={name}] option[selected]")["value"] for name in fields}
    assert form[f"topic-{topic.pk}"] == "all"
    form |= {"wants_mail": "on", "kind-papers": "3", f"topic-{topic.pk}": "0", f"folder-{folder.pk}": "1"}
    assert client.post("/members/mail/", form | {f"folder-{closed.pk}": "0"}).status_code == 302
    rows = Preference.objects.order_by("pk").values_list("kind", "topic", "folder", "pace")
    assert list(rows) == [
        ("papers", None, None, 3), ("posts", topic.pk, None, 0), ("papers", None, folder.pk, 1),
    ]  # fmt: skip
    assert Listener.objects.get(user=user).stopped_at is None
    for wrong in ({"kind-posts": "7"}, {"kind-posts": ""}, {"kind-membership": "0"}, {f"topic-{topic.pk}": "x"}):
        answer = client.post("/members/mail/", form | wrong)
        assert (answer.status_code, "Please choose from what is here." in words(answer)) == (400, True), wrong
    del form["wants_mail"]
    client.post("/members/mail/", form | {f"topic-{topic.pk}": "all"})
    assert Listener.objects.get(user=user).stopped_at is not None
    assert not Preference.objects.filter(topic__isnull=False).exists()


def test_link_in_a_mail_opens_the_choices_and_nothing_else(client):
    user, folder = make_member(first_name="Adalbert"), make_folder("In confidence")
    Preference.objects.create(user=user, kind=Kind.PAPERS, folder_id=folder.pk, pace=Pace.DAILY)
    address = path(links.choose_address(user))
    answer = client.get(address)
    text = answer.content.decode()
    assert not any(word in text for word in ("In confidence", "Adalbert", user.email))
    assert "holds beside it" in words(answer)
    assert "folder below" not in words(answer)
    form = {each["name"]: "3" for each in soup(answer).select("select")}
    assert client.post(address, form | {"wants_mail": "on", f"folder-{folder.pk}": "3"}).status_code == 302
    assert Preference.objects.get(folder__isnull=False).pace == Pace.DAILY
    assert set(Preference.objects.filter(folder=None).values_list("pace", flat=True)) == {3}
    assert client.get("/members/mail/").status_code == 302, "nobody is signed in by it"


# --- The feed -----------------------------------------------------------------------------------------------------
def test_private_feed_is_made_renewed_and_closed(signed_in, client):
    user = make_member()
    announcing.announce_post(make_post("A post & more", published_at=timezone.now()))
    own = signed_in(user)
    assert own.post("/members/mail/feed/", {"make": ""}).status_code == 302
    first = feed_address(user)
    assert f"http://127.0.0.1:8000{first}" in own.get("/members/mail/").content.decode()
    answer = client.get(first)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    assert "<title>A post &amp; more</title>" in answer.content.decode()
    own.post("/members/mail/feed/", {"make": ""})
    second = feed_address(user)
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    user.membership.decision = "suspended"
    user.membership.reason = "A reason."
    user.membership.save()
    assert client.get(second).status_code == 404
    user.membership.decision = "approved"
    user.membership.save()
    own.post("/members/mail/feed/", {"close": ""})
    assert client.get(second).status_code == 404


def test_list_marks_as_read_what_its_page_showed_and_turns_by_place(signed_in, client):
    user = make_member()
    with time_machine.travel(timezone.now() + DAY, tick=False) as clock:
        for number in range(32):
            announcing.announce_post(make_post(f"Post {number:02}", published_at=timezone.now()))
        client = signed_in(user)
        page = soup(client.get("/members/news/"))
        whole = BeautifulSoup(client.get("/").content, "html.parser")
        assert whole.select_one(".bell-count").get_text() == "9+"
        shown = [each.get_text() for each in page.select(".news-title")]
        older = soup(client.get(f"/members/news/{page.select_one('[rel=next]')['href']}"))
        shown += [each.get_text() for each in older.select(".news-title")]
        assert shown == [f"Post {number:02}" for number in reversed(range(32))]
        until = page.select_one("[name=until]")["value"]
        clock.shift(60)
        announcing.announce_post(make_post("Since then", published_at=timezone.now()))
        clock.shift(60)
        assert client.post("/members/news/seen/", {"until": until}).status_code == 302
        page = soup(client.get("/members/news/"))
        assert [each.get_text() for each in page.select("li:has(.badge) .news-title")] == ["Since then"]
        for wrong in ("?before=x", "?before=0", "?before=99999999999999999999"):
            assert client.get(f"/members/news/{wrong}").status_code == 404
        hidden = Announcement.objects.create(
            post=make_post("Not out yet", published_at=timezone.now() + datetime.timedelta(days=9)), at=timezone.now()
        )
        assert client.get(f"/members/news/?before={hidden.pk}").status_code == 404
        client.post("/members/news/seen/", {"until": "2999-01-01T00:00:00+00:00"})
        user.refresh_from_db()
        assert user.news_seen_at <= timezone.now()


# --- Visitors ----------------------------------------------------------------------------------------------------
def ask(client, address=ADDRESS, **more):
    return client.post("/mail/", {"address": address, "pace": "1", "opened-at": opened()} | more)


def test_one_mailbox_is_asked_three_times_an_hour_whatever_stands_after_its_plus_sign(client):
    statuses = [ask(client, f"reader+{number}@example.org").status_code for number in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_one_mailbox_is_asked_six_times_a_day(client):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        statuses = []
        for number in range(7):
            statuses.append(ask(client, f"reader+{number}@example.org").status_code)
            clock.shift(datetime.timedelta(minutes=25))
    assert statuses == [200] * 6 + [429]


def test_visitor_subscribes_with_two_confirmations_and_hears_of_public_posts(client):
    with time_machine.travel(datetime.datetime(2027, 6, 1, 12, tzinfo=datetime.UTC), tick=False) as clock:
        run()
        assert client.get("/mail/").status_code == 200
        answer = ask(client, "Reader@Example.org")
        assert (answer.status_code, "Please look into your mail" in words(answer)) == (200, True)
        announcing.announce_post(make_post("Before", published_at=timezone.now()))
        clock.shift(DAY)
        [message] = delivered()
        run()
        assert [each.to for each in mail.outbox] == [[ADDRESS]], "nothing goes out before the confirmation"
        [link] = [path(line) for line in message.body.splitlines() if "/mail/confirm/" in line]
        assert client.get(link).status_code == 200
        assert Subscriber.objects.get().confirmed_at is None, "to be looked at is no confirmation"
        assert client.post(link).status_code == 200
        post = make_post("A public post", published_at=timezone.now())
        announcing.announce_post(post)
        clock.shift(DAY)
        mail.outbox.clear()
        run()
        [news] = mail.outbox
        assert "A public post" in news.body
        assert "Letters about your membership" not in news.body
        choose = path(next(line for line in news.body.splitlines() if "/mail/choose/" in line))
        assert client.post(choose, {"pace": "2"}).status_code == 302
        assert Subscriber.objects.get().pace == Pace.WEEKLY
        client.post(choose, {"pace": "3"})
        assert not Subscriber.objects.exists()


def test_answer_and_mail_are_the_same_for_known_and_unknown_addresses(client, clock_stands):
    make_member("member@example.org")
    Subscriber.objects.create(address="known@example.org", confirmed_at=timezone.now(), pace=Pace.WEEKLY)
    answers, mails = set(), set()
    for address in ("member@example.org", "known@example.org", "nobody@example.org"):
        answers.add(ask(client, address).content)
        body = delivered()[-1].body
        mails.add("\n".join(line for line in body.splitlines() if "/mail/confirm/" not in line))
    assert (len(answers), len(mails)) == (1, 1)
    assert Subscriber.objects.get(address="known@example.org").pace == Pace.WEEKLY
    assert [ask(client, "nobody@example.org").status_code for _ in range(3)] == [200, 200, 429]
    assert Subscriber.objects.count() == 3


@pytest.mark.parametrize("more", [{"your-website": "x"}, {"opened-at": ""}, {"address": "nonsense"}, {"pace": "3"}])
def test_robot_and_nonsense_get_nowhere(client, more):
    answer = ask(client, **more)
    assert answer.status_code == (200 if "your-website" in more else 400)
    assert not Subscriber.objects.exists()
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("address", ["nonsense", "x" * 300 + "@example.org"])
def test_what_is_no_address_gets_a_sentence_that_helps(client, address):
    said = soup(ask(client, address)).select_one(".field-error").get_text(strip=True)
    assert said == "Please write an e-mail address, such as name@example.org."


def test_unconfirmed_address_is_forgotten_and_a_member_s_own_goes_with_the_account():
    subscribe.ask(address=ADDRESS, pace=Pace.DAILY)
    with time_machine.travel(timezone.now() + 4 * DAY):
        subscribe.forget_unconfirmed()
    assert not Subscriber.objects.exists()
    user = make_member("leaving@example.org")
    Subscriber.objects.create(address="leaving@example.org", confirmed_at=timezone.now())
    preferences.make_feed(user=user)
    User.objects.filter(pk=user.pk).update(leaves_at=timezone.now() - DAY)
    erase.erase_due()
    assert (Subscriber.objects.count(), Listener.objects.count(), Announcement.objects.count()) == (0, 0, 0)
