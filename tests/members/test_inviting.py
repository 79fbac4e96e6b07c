"""Secretaries invite, send again and take back; the list of invitations; who may."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from members.models import (
    AccessRecord,
    Application,
    Invitation,
    MembershipLevel,
    OutgoingMail,
)
from members.services import invite as services
from portal.services import roles
from tests.factories import (
    make_administrator,
    make_application,
    make_editor_of,
    make_folder,
    make_invitation,
    make_member,
    make_user,
)
from tests.members.inviting import HAS_ONE, LIST, MEMBER, TODAY_NEXT_YEAR
from tests.members.joining import errors_in, link_in, mails_to, soup_in
from tests.portal.reading import set_site, soup_of, words_of

pytestmark = pytest.mark.django_db


def states():
    return set(Invitation.objects.values_list("email", "state"))


def test_secretary_invites_one(admin, secretary):
    set_site(organisation_name="Guild")
    level = MembershipLevel.objects.create(name="Fellow")
    sent = {
        "email": " Ada@Example.org", "first_name": "Ada", "last_name": "Byron", "level": level.pk,
        "expires_on": TODAY_NEXT_YEAR.isoformat(), "message": "Welcome.\r\n\r\nReally.",
    }  # fmt: skip
    answer = admin.post(f"{LIST}invite/", sent, follow=True)
    assert "An invitation is on its way to ada@example.org." in words_of(soup_in(answer))
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.invited_by, invitation.level, invitation.expires_on) == (
        "ada@example.org", secretary, level, TODAY_NEXT_YEAR,
    )  # fmt: skip
    good_for = invitation.good_until - timezone.now()
    assert datetime.timedelta(days=29, hours=23) < good_for <= datetime.timedelta(days=30)
    [mail] = mails_to("ada@example.org")
    assert mail.subject == "Pat Person invites you to Guild"
    assert mail.text.startswith(
        "Good day, Ada,\n\nPat Person invites you to become a member of Guild, at the level “Fellow”"
    )
    assert "Welcome.\n\nReally." in mail.text
    assert re.search(r"^http://127\.0\.0\.1:8000/members/invitation/[\w-]{43}/$", mail.text, re.MULTILINE)


OUT = "out@example.org belongs to Pat Person, whose membership is suspended or given up."


@pytest.mark.parametrize(("email", "sentence"), [
    ("ADA@example.org", HAS_ONE),
    ("Member@Example.org", MEMBER),
    ("out@example.org", OUT),
    ("secretary@example.org", "This is your own address."),
    ("аda@example.org", "“а” only looks like a letter of an e-mail address."),
    ("ada", "Please write an e-mail address"),
    ("", "Please write an e-mail address"),
])  # fmt: skip
def test_address_that_cannot_be_invited_is_told_why(admin, invited, email, sentence):
    make_member("member@example.org")
    make_member("out@example.org", standing="suspended")
    answer = admin.post(f"{LIST}invite/", {"email": email, "first_name": "Kept"})
    assert (answer.status_code, sentence in words_of(soup_in(answer))) == (200, True)
    assert soup_in(answer).select_one("[name=first_name]")["value"] == "Kept"
    assert (Invitation.objects.count(), OutgoingMail.objects.count()) == (1, 1)


@pytest.mark.parametrize(("data", "sentence"), [
    ({"expires_on": "2001-01-01"}, "That day has passed."),
    ({"message": "x" * 2001}, "Please keep it to 2,000 characters."),
    ({"last_name": "x" * 2000}, "Please keep it to 150 characters."),
    ({"level": "999"}, "Select a valid choice."),
])  # fmt: skip
def test_invitation_that_does_not_fit_is_refused(admin, data, sentence):
    answer = admin.post(f"{LIST}invite/", {"email": "ada@example.org", **data})
    assert (answer.status_code, sentence in answer.content.decode(), Invitation.objects.count()) == (200, True, 0)


def test_secretary_who_is_no_member_does_not_invite_himself(signed_in):
    own = make_user("own@example.org", groups=(roles.SECRETARIES,))
    assert "This is your own address." in signed_in(own).post(
        f"{LIST}invite/", {"email": own.email}
    ).content.decode()  # fmt: skip
    other = make_invitation("own@example.org")
    Invitation.objects.filter(pk=other.pk).update(invited_by=own)  # as if sent again by the person
    answer = signed_in(own).post(link_in(mails_to("own@example.org")[-1]), {"consent": "on"})
    assert errors_in(answer) == ["This is your own membership. Please ask somebody else to decide about it."]


@pytest.mark.parametrize("act", ["again", "revoke"])
def test_what_is_no_longer_open_is_neither_sent_again_nor_revoked(admin, act):
    user = make_user("ada@example.org")
    invitation = make_invitation("ada@example.org")
    services.accept(invitation=invitation, user=user, consent_text="x")
    before = Invitation.objects.values().get()
    answer = admin.post(f"{LIST}act/{invitation.pk}/{act}/")
    assert "This invitation is no longer open: accepted." in answer.content.decode()
    assert Invitation.objects.values().get() == before
    assert admin.get(f"{LIST}act/{invitation.pk}/nonsense/").status_code == 404


def test_invitation_is_sent_again_after_it_was_over_and_by_whoever_sends_it(admin, invited, secretary):
    invitation, _link = invited
    Invitation.objects.update(good_until=timezone.now(), invited_by=make_administrator())
    assert "Expired without an answer" in words_of(soup_of(admin, LIST).select_one("table"))
    admin.post(f"{LIST}act/{invitation.pk}/again/")
    invitation.refresh_from_db()
    assert (invitation.standing_label, invitation.invited_by) == ("Waiting for an answer", secretary)
    assert AccessRecord.objects.filter(action="invitation_sent_again", actor_id=secretary.pk).count() == 1


def test_list_says_where_each_stands(admin):
    accepted, over, revoked = (make_invitation(f"{name}@example.org") for name in ("accepted", "over", "revoked"))
    make_invitation("open@example.org")
    services.accept(invitation=accepted, user=make_user("accepted@example.org"), consent_text="x")
    services.revoke(invitation=revoked, by=make_administrator())
    Invitation.objects.filter(pk=over.pk).update(good_until=timezone.now())
    names = {"accepted", "over", "revoked", "open"}

    def found(query):
        table = soup_of(admin, f"{LIST}?{query}").select_one("#listing-results").get_text()
        return {name for name in names if f"{name}@example.org" in table}

    assert found("") == names
    for standing, expected in (("accepted", "accepted"), ("expired", "over"), ("revoked", "revoked"), ("open", "open")):
        assert found(f"standing={standing}") == {expected}
    assert (found("standing=nonsense"), found("q=OPEN")) == (set(), {"open"})
    page = admin.get(f"{LIST}inspect/{accepted.pk}/").content.decode()
    assert "Accepted" in page
    assert "/act/" not in page
    assert f"{LIST}act/{over.pk}/again/" in admin.get(f"{LIST}inspect/{over.pk}/").content.decode()


def test_old_invitations_are_forgotten_and_those_who_came_are_kept():
    old, recent, accepted = (make_invitation(f"{name}@example.org") for name in ("old", "recent", "accepted"))
    services.accept(invitation=accepted, user=make_user("accepted@example.org"), consent_text="x")
    long_ago = timezone.now() - datetime.timedelta(days=181)
    Invitation.objects.filter(pk__in=(old.pk, accepted.pk)).update(good_until=long_ago)
    services.forget_old()
    assert {email for email, _state in states()} == {recent.email, accepted.email}


def test_database_refuses_what_cannot_be():
    invitation = make_invitation("ada@example.org")
    for wrong in ({"state": "accepted"}, {"accepted_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.filter(pk=invitation.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(email="ada@example.org", token_digest="x", good_until=timezone.now())


@pytest.mark.parametrize("kind", ["member", "editor", "auditor"])
def test_nobody_else_sees_or_invites(signed_in, kind):
    people = {
        "member": make_member,
        "editor": lambda: make_editor_of(make_folder()),
        "auditor": lambda: make_member(groups=(roles.AUDITORS,)),
    }
    client, invitation = signed_in(people[kind]()), make_invitation("heliotrope7731@example.org")
    addresses = [LIST, f"{LIST}results/", f"{LIST}inspect/{invitation.pk}/", f"{LIST}invite/", f"{LIST}invite-list/"]
    addresses += [f"{LIST}act/{invitation.pk}/{act}/" for act in ("again", "revoke")]
    for address in addresses:
        for answer in (client.get(address), client.post(address, {"email": "eve@example.org"})):
            assert answer.status_code in (302, 403, 404, 405), address
            assert "heliotrope7731" not in answer.content.decode()
    assert states() == {("heliotrope7731@example.org", "open")}


def test_record_names_applications_and_invitations(signed_in):
    make_invitation("ada@example.org")
    make_application(email="bo@example.org")
    auditor = signed_in(make_member(groups=(roles.AUDITORS,)))
    record = words_of(soup_of(auditor, "/admin/access-record/").select_one("table"))
    assert "The invitation to ada@example.org" in record
    assert "The application of Pat Person (bo@example.org)" in record
    for subject, action in (("ada@example", "Invited somebody"), ("bo@example", "Applied for membership")):
        found = words_of(soup_of(auditor, f"/admin/access-record/?subject={subject}").select_one("table"))
        assert action in found
    Application.objects.all().delete()
    Invitation.objects.all().delete()
    gone = words_of(soup_of(auditor, "/admin/access-record/").select_one("table"))
    assert "An invitation that is gone" in gone
