"""What time brings to memberships: grace, reminders, lapse; each once, whatever the timer did."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from members.enums import Action, Decision, Standing
from members.models import AccessRecord, Membership, MembershipLevel, OutgoingMail, User
from members.services import lapse
from members.services import membership as services
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db

DAY = datetime.date
END = DAY(2026, 7, 15)
NOON = datetime.time(12, tzinfo=datetime.UTC)


def on(day: datetime.date) -> time_machine.travel:
    return time_machine.travel(datetime.datetime.combine(day, NOON), tick=False)


def days(number: int) -> datetime.timedelta:
    return datetime.timedelta(days=number)


def member(*, grace: int = 0, expires_on: datetime.date | None = END, **fields: object) -> Membership:
    level = MembershipLevel.objects.create(name=f"Level {MembershipLevel.objects.count()}", grace_days=grace)
    membership = make_member().membership
    facts = {"level": level, "starts_on": DAY(2025, 1, 1), "expires_on": expires_on, **fields}
    Membership.objects.filter(pk=membership.pk).update(**facts)
    membership.refresh_from_db()
    return membership


def run_on(*moments: datetime.date) -> None:
    for day in moments:
        with on(day):
            lapse.remind()
            lapse.note_lapses()


def subjects(membership: Membership) -> list[str]:
    return list(OutgoingMail.objects.filter(user=membership.user_id).order_by("pk").values_list("subject", flat=True))


ENDS = "Your membership ends on 15 July 2026"
TODAY, ENDED = "Your membership ends today", "Your membership has ended"


# --- Grace ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grace", "after", "standing"),
    [
        (0, 0, Standing.CURRENT),
        (0, 1, Standing.LAPSED),
        (14, 0, Standing.CURRENT),
        (14, 1, Standing.GRACE),
        (14, 14, Standing.GRACE),
        (14, 15, Standing.LAPSED),
        (366, 366, Standing.GRACE),
        (366, 367, Standing.LAPSED),
    ],
)
def test_grace_extends_the_day_that_counts(grace, after, standing):
    membership = member(grace=grace)
    with on(END + days(after)):
        found = Membership.objects.with_standing().get(pk=membership.pk)
        assert (found.standing, found.last_day) == (standing, END + days(grace))
        user = User.objects.get(pk=membership.user_id)
        assert user.is_current_member == standing.opens_papers
        assert Membership.objects.current().filter(pk=membership.pk).exists() == standing.opens_papers
        for each in (Standing.CURRENT, Standing.GRACE, Standing.LAPSED):
            is_so = Membership.objects.standing_as(each).filter(pk=membership.pk).exists()
            assert is_so == (each == standing), each


def test_membership_without_level_or_end_has_no_grace():
    membership = member(grace=14)
    Membership.objects.filter(pk=membership.pk).update(level=None)
    with on(END + days(1)):
        assert Membership.objects.with_standing().get(pk=membership.pk).standing == Standing.LAPSED
    Membership.objects.filter(pk=membership.pk).update(expires_on=None)
    assert Membership.objects.with_standing().get(pk=membership.pk).last_day is None


@pytest.mark.parametrize("decision", [Decision.SUSPENDED, Decision.RESIGNED])
def test_decision_goes_before_grace(decision):
    membership = member(grace=14, decision=decision)
    with on(END + days(1)):
        assert not Membership.objects.current().filter(pk=membership.pk).exists()


def test_member_in_grace_reads_papers_and_is_told_how_long(signed_in):
    membership = member(grace=14)
    with on(END + days(3)):
        client = signed_in(membership.user)
        assert "no_access" not in str([template.name for template in client.get("/files/").templates])
        page = client.get("/members/").content.decode()
        assert "Current member, in grace" in page
        assert "29 July 2026" in page
    with on(END + days(15)):
        assert "Your membership has lapsed" in signed_in(membership.user).get("/files/").content.decode()


def test_grace_is_a_year_at_most():
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipLevel.objects.create(name="For ever", grace_days=367)
    with pytest.raises(ValidationError, match="less than or equal to 366"):
        MembershipLevel(name="For ever", grace_days=367).full_clean()


# --- Reminders --------------------------------------------------------------------------------------------------


def test_reminders_go_out_thirty_seven_and_no_days_before_the_end():
    membership = member()
    told = {}
    for before in range(40, -1, -1):
        seen = len(subjects(membership))
        run_on(END - days(before), END - days(before))  # twice, as a timer does
        new = subjects(membership)[seen:]
        if new:
            told[before] = new
    assert told == {30: [ENDS], 7: [ENDS], 0: [TODAY]}
    occasions = OutgoingMail.objects.filter(user=membership.user_id).order_by("pk")
    assert list(occasions.values_list("occasion", flat=True)) == [
        f"membership {membership.pk} reminder {each} 2026-07-15" for each in (30, 7, 0)
    ]


@pytest.mark.parametrize(
    ("ran", "told"),
    [
        ([31, 5, 4], [ENDS]),  # away for the day of thirty and the day of seven: the later one alone
        ([29, 8, 6], [ENDS, ENDS]),
        ([3], [ENDS]),
        ([1], ["Your membership ends tomorrow"]),
        ([31, -1], [ENDED]),
        ([7, -20], [ENDS, ENDED]),
    ],
)
def test_timer_that_was_away_for_days_tells_the_latest_alone(ran, told):
    membership = member()
    run_on(*(END - days(each) for each in ran))
    assert subjects(membership) == told


def test_extension_begins_the_reminders_anew_and_repeats_none():
    membership, by = member(), make_user()
    run_on(END - days(30))
    with on(END - days(20)):
        services.extend(membership=membership, by=by, expires_on=END + days(365))
    run_on(END - days(7), END, END + days(1))
    assert subjects(membership) == [ENDS]
    run_on(END + days(335))
    assert subjects(membership) == [ENDS, "Your membership ends on 15 July 2027"]


def test_reminder_whose_mail_is_there_already_is_not_mailed_again():
    """Extended, and put back to the same day by an early end and another extension: the mail's occasion knows."""
    membership = member()
    run_on(END - days(30))
    Membership.objects.filter(pk=membership.pk).update(reminded_days=None)
    run_on(END - days(30))
    assert subjects(membership) == [ENDS]


@pytest.mark.parametrize(
    "fields",
    [
        {"decision": Decision.SUSPENDED},
        {"decision": Decision.RESIGNED},
        {"ended_early": True},
        {"starts_on": END - days(5)},
        {"expires_on": None},
    ],
)
def test_nobody_is_reminded_who_has_nothing_to_renew(fields):
    membership = member(**{"expires_on": END, **fields})
    run_on(END - days(30), END - days(7))
    assert subjects(membership) == []


def test_whoever_is_leaving_hears_nothing_of_the_end():
    membership = member()
    User.objects.filter(pk=membership.user_id).update(leaves_at=timezone.now())
    run_on(END - days(7), END + days(1))
    assert (subjects(membership), AccessRecord.objects.count()) == ([], 0)
    assert list(Membership.objects.standing_as(Standing.LEAVING)) == [membership]
    assert not Membership.objects.standing_as(Standing.LAPSED).exists()


def test_account_that_was_closed_gets_no_mail_and_its_lapse_is_recorded():
    membership = member()
    User.objects.filter(pk=membership.user_id).update(is_active=False)
    run_on(END - days(7), END + days(1))
    assert subjects(membership) == []
    assert AccessRecord.objects.get().action == Action.MEMBERSHIP_LAPSED


def test_reminder_says_until_when_the_papers_stay_open():
    plain, gracious = member(), member(grace=14)
    run_on(END - days(7))
    assert "afterwards the papers are closed to you." in OutgoingMail.objects.get(user=plain.user_id).text
    words = OutgoingMail.objects.get(user=gracious.user_id).text
    assert "ends on 15 July 2026, in 7 days. The papers stay open to you until 29 July 2026" in words
    assert gracious.number_label in words


# --- Lapse ------------------------------------------------------------------------------------------------------


def test_lapse_is_recorded_and_mailed_once_when_the_grace_is_over():
    membership = member(grace=14)
    run_on(END + days(1), END + days(14))
    assert (subjects(membership), AccessRecord.objects.count()) == ([], 0)
    run_on(END + days(15), END + days(15), END + days(40))
    assert subjects(membership) == [ENDED]
    row = AccessRecord.objects.get()
    assert (row.action, row.actor_id, row.object_kind, row.object_id, row.details) == (
        "membership_lapsed", None, "membership", str(membership.number),
        {"user": membership.user_id, "ended_on": "2026-07-15"},
    )  # fmt: skip
    assert "and the days of grace on 29 July 2026" in OutgoingMail.objects.get().text


def test_second_lapse_is_told_again():
    membership, by = member(), make_user()
    run_on(END + days(1))
    with on(END + days(10)):
        services.extend(membership=membership, by=by, expires_on=END + days(20))
    run_on(END + days(21))
    assert subjects(membership) == [ENDED, ENDED]
    assert AccessRecord.objects.filter(action=Action.MEMBERSHIP_LAPSED).count() == 2


def test_lapse_that_cannot_be_recorded_is_told_by_the_next_run(monkeypatch):
    membership = member()

    def full(*args: object, **kwargs: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr("members.audit.record", full)
        with pytest.raises(OSError, match="disk full"):
            run_on(END + days(1))
    assert subjects(membership) == []
    run_on(END + days(1))
    assert subjects(membership) == [ENDED]


def test_timer_runs_the_jobs_and_twice_tells_once():
    membership = member(expires_on=timezone.localdate())
    for _ in range(2):
        call_command("run_due")
    assert subjects(membership) == [TODAY]


def test_a_run_takes_a_share_and_the_next_one_the_rest(monkeypatch):
    monkeypatch.setattr(lapse, "AT_ONCE", 2)
    memberships = [member() for _ in range(3)]
    run_on(END + days(1))
    assert OutgoingMail.objects.count() == 2
    run_on(END + days(1))
    assert [subjects(each) for each in memberships] == [[ENDED]] * 3


@pytest.mark.parametrize("number", [0, 30])
def test_nothing_due_costs_two_queries_however_many_members(number, django_assert_num_queries):
    for _ in range(number):
        make_member()
    Membership.objects.update(expires_on=END, starts_on=DAY(2025, 1, 1))
    with on(END - days(60)), django_assert_num_queries(2):
        lapse.remind()
        lapse.note_lapses()


# --- Resigning, ending early, coming back -----------------------------------------------------------------------


@pytest.mark.parametrize("decision", [Decision.APPROVED, Decision.SUSPENDED])
def test_member_resigns_and_the_papers_close_at_once(decision, signed_in):
    membership = member(decision=decision, expires_on=None)
    client = signed_in(membership.user)
    services.resign(membership=membership, by=membership.user, reason="Retired.")
    assert "You have given up your membership" in client.get("/files/").content.decode()
    row = AccessRecord.objects.get()
    assert (row.action, row.actor_id, row.said.text) == ("membership_resigned", membership.user_id, "Retired.")
    assert (row.reason, row.said.about_id) == ("", membership.user_id)
    mail = OutgoingMail.objects.get()
    assert "You have given up your membership (number" in mail.text
    assert mail.address == membership.user.email


def test_secretary_writes_a_resignation_down_and_takes_the_member_back(signed_in):
    membership, secretary = member(expires_on=None), make_user()
    services.resign(membership=membership, by=secretary)
    assert "The membership secretary has written down" in OutgoingMail.objects.get().text
    with pytest.raises(ValidationError, match="This is your own membership"):
        services.reinstate(membership=membership, by=membership.user)
    services.reinstate(membership=membership, by=secretary)
    assert Membership.objects.current().filter(pk=membership.pk).exists()
    assert AccessRecord.objects.first().action == Action.MEMBERSHIP_REINSTATED


@pytest.mark.parametrize("decision", [Decision.PENDING, Decision.RESIGNED])
def test_only_a_member_resigns_or_ends(decision):
    membership = member(decision=decision)
    with pytest.raises(ValidationError, match="Only a member can resign"):
        services.resign(membership=membership, by=make_user())
    with on(END - days(30)), pytest.raises(ValidationError, match="Only a member's membership can end"):
        services.end(membership=membership, by=make_user(), expires_on=END - days(10))


def test_early_end_is_followed_by_no_grace_and_no_reminder():
    membership = member(grace=14)
    with on(END - days(60)):
        services.end(membership=membership, by=make_user(), expires_on=END - days(30), reason="Moved abroad.")
    row = AccessRecord.objects.get()
    assert (row.said.text, row.details["before"], row.details["expires_on"]) == (
        "Moved abroad.", "2026-07-15", "2026-06-15",
    )  # fmt: skip
    run_on(END - days(37), END - days(30))
    assert subjects(membership) == []
    with on(END - days(29)):
        assert not Membership.objects.current().filter(pk=membership.pk).exists()
    with on(END - days(29)):
        services.extend(membership=membership, by=make_user(), expires_on=END)
    with on(END + days(1)):
        assert Membership.objects.with_standing().get(pk=membership.pk).standing == Standing.GRACE


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        (END - days(61), "That day has passed"),
        (END, "That is not earlier than the present last day, 15 July 2026"),
        (END + days(1), "That is not earlier than the present last day, 15 July 2026"),
    ],
)
def test_early_end_is_between_today_and_the_present_last_day(last, sentence):
    membership = member()
    with on(END - days(60)), pytest.raises(ValidationError, match=sentence):
        services.end(membership=membership, by=make_user(), expires_on=last)
    membership.refresh_from_db()
    assert (membership.expires_on, AccessRecord.objects.count()) == (END, 0)


def test_membership_that_has_not_begun_does_not_end_before_it_starts():
    membership = member(starts_on=END - days(10))
    with on(END - days(60)), pytest.raises(ValidationError, match="A membership cannot end before it starts"):
        services.end(membership=membership, by=make_user(), expires_on=END - days(20))
