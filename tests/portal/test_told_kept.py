"""What stays of mails: nothing of whoever left, and of old ones only what prevents a second."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import pytest
from django.core import mail as django_mail
from django.utils import timezone

from members import mail
from members.models import OutgoingMail, User
from members.services import erase, old_mails
from portal.models import Pace, Run, Subscriber
from portal.notifications import sending
from portal.services import preferences, subscribe
from tests.factories import make_member

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = datetime.timedelta(days=1)


def keep(occasion, address="reader@example.org", *, days=0, state="sent", **fields):
    when = NOW - days * DAY
    facts = {"sent_at": when if state in ("sent", "refused") else None, "text": "Words." if state == "waiting" else ""}
    facts |= {"subject": "For Ada", "trouble": "What the server said", "reply_to": "ada@example.org"}
    return OutgoingMail.objects.create(
        occasion=occasion, address=address, state=state, created_at=when, **facts | fields
    )


def occasions() -> set[str]:
    return set(OutgoingMail.objects.values_list("occasion", flat=True))


@pytest.fixture
def subscriber():
    return Subscriber.objects.create(address="reader@example.org", confirmed_at=NOW - 60 * DAY)


def test_of_a_visitor_who_leaves_no_mail_stays_and_what_waits_is_not_sent(subscriber):
    key = subscriber.pk
    waiting = keep(f"weekly 2027-05-31 to subscriber {key}", state="waiting", to_many=True)
    keep(f"daily 2027-05-31 to subscriber {key}", to_many=True)
    keep(f"subscription {key} abc")
    others = {f"weekly 2027-05-31 to subscriber {key}1", f"subscription {key}1 abc"}
    for occasion in others:
        keep(occasion, "other@example.org")
    keep("application 1 code 1", state="waiting")
    preferences.stop(person=subscriber)
    assert occasions() == others | {"application 1 code 1"}
    mail.send(mail_id=waiting.pk)
    assert django_mail.outbox == []


def test_link_to_confirm_is_forgotten_when_it_is_dead(subscriber):
    keep("subscription 1 old", days=4, state="waiting")
    keep("subscription 1 new", days=2, state="waiting")
    subscribe.forget_unconfirmed()
    assert occasions() == {"subscription 1 new"}


def test_old_letter_says_no_more_whom_it_went_to_and_brings_no_second(subscriber):
    ada = make_member("ada@example.org")
    for occasion, facts in {
        "young": {"days": 29, "user": ada}, "old": {"days": 31, "user": ada}, "of nobody": {"days": 31},
        "refused": {"days": 31, "state": "refused", "user": ada, "address": "ada@example.org"},
        "refused formerly": {"days": 31, "state": "refused", "user": ada, "address": "then@example.org"},
        "waiting": {"days": 31, "state": "waiting"}, "given up": {"days": 91, "state": "waiting"},
        "broken off": {"days": 31, "state": "sending", "text": "Words."},
    }.items():  # fmt: skip
        keep(occasion, **facts)
    for _ in range(2):
        old_mails.forget()
    named = set(OutgoingMail.objects.exclude(address="").values_list("occasion", flat=True))
    assert named == {"young", "refused", "waiting"}
    assert occasions() == named | {"old", "of nobody", "refused formerly", "broken off"}
    bare = OutgoingMail.objects.filter(address="").order_by().values("reply_to", "trouble", "text").distinct()
    assert list(bare) == [{"reply_to": "", "trouble": "", "text": ""}]
    assert OutgoingMail.objects.get(occasion="of nobody").subject == ""
    assert OutgoingMail.objects.get(occasion="old").subject == "For Ada"
    assert mail.post(to=ada, occasion="old", words=("Again", "Words")) is None


def test_old_mails_to_many_go_but_for_refusals_and_for_a_run_that_is_not_over(subscriber):
    ada = make_member("ada@example.org")
    facts = {"pace": Pace.WEEKLY, "since": NOW, "until": NOW}
    Run.objects.create(occasion="weekly open", day=NOW.date(), **facts)
    Run.objects.create(occasion="weekly over", day=NOW.date() - DAY, ended_at=NOW, **facts)
    for occasion, more in {
        "weekly over to member 1": {}, "weekly open to member 1": {}, "weekly gone to member 1": {"state": "sending"},
        "daily young to member 1": {"days": 29},
        "a": {"state": "refused", "user": ada, "address": "ada@example.org"}, "b": {"state": "refused"},
        "c": {"state": "refused", "address": "nobody@example.org"},
    }.items():  # fmt: skip
        keep(occasion, to_many=True, **{"days": 31} | more)
    keep("a letter", days=31)
    sending.forget_old()
    assert occasions() == {"weekly open to member 1", "daily young to member 1", "a", "b", "a letter"}


def test_with_a_person_goes_every_mail_about_the_account_wherever_it_went():
    ada = make_member("ada@example.org")
    mail.post(to="then@example.org", occasion="address changed 1", words=("A", "B"), whose=ada)
    mail.post(to=ada, occasion="letter", words=("A", "B"))
    keep("application 1 code 1", "ada@example.org")
    keep("weekly 1 to member 1", "Ada@Example.org", state="waiting", to_many=True)
    keep("another's", "other@example.org")
    User.objects.filter(pk=ada.pk).update(leaves_at=NOW - DAY)
    erase.erase_due()
    assert occasions() == {"another's", f"farewell {ada.pk}"}


def test_account_s_mail_to_any_address_is_the_account_s(rf):
    from members.adapter import AccountAdapter

    ada = make_member("ada@example.org")
    context = {"user": ada, "password_reset_url": "x", "current_site": SimpleNamespace(name="x", domain="x")}
    AccountAdapter(rf.get("/")).send_mail("account/email/password_changed", "then@example.org", context)
    assert list(OutgoingMail.objects.values_list("user", "address")) == [(ada.pk, "then@example.org")]
