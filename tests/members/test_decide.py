"""Deciding about an application: what is approved, declined and refused, and who may."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from members import letters
from members.models import Application, JoiningSettings, Membership, MembershipLevel, Organisation
from members.services import apply
from members.services import decide as services
from portal.services import roles
from tests.factories import make_administrator, make_application, make_editor_of, make_folder, make_member, make_user
from tests.members.deciding import LIST, WORDS, bulk, last_rows, messages_of, page, step
from tests.members.joining import mails_to, soup_in
from tests.portal.reading import set_site, soup_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(secretary, signed_in):
    return signed_in(secretary)


# --- The decision -----------------------------------------------------------------------------------------------
def test_approval_makes_a_member_with_what_was_chosen_and_sends_the_words(client, secretary):
    set_site(organisation_name="Guild")
    level = MembershipLevel.objects.create(name="Fellow")
    application = make_application(email="ada@example.org", organisation_name="Analytical Engines")
    form = soup_of(client, step(application, "approve"))
    assert form.select_one("[name=subject]")["value"] == "Welcome: you are a member of Guild"
    assert "number is {number}, and your membership runs {until}" in form.select_one("[name=text]").text
    assert form.select_one("[name=organisation_name]")["value"] == "Analytical Engines"
    last = timezone.localdate() + datetime.timedelta(days=365)
    chosen = {"level": level.pk, "organisation_name": "Analytical Engines", "expires_on": last.isoformat(), **WORDS}
    answer = client.post(step(application, "approve"), chosen, follow=True)
    assert "Pat Person is now a member." in messages_of(answer)
    application.refresh_from_db()
    membership = application.user.membership
    assert (application.state, application.decided_by, application.user.is_current_member) == (
        "approved", secretary, True,
    )  # fmt: skip
    assert (membership.level, membership.expires_on, str(membership.organisation)) == (
        level,
        last,
        "Analytical Engines",
    )
    mail = mails_to("ada@example.org")[-1]
    expected = f"Good day, Pat: number {membership.number_label}, {letters.until(last)}."
    assert (mail.subject, mail.text, application.entries.get().text) == ("Welcome", expected, expected)
    [(_action, actor, _number, details)] = last_rows("membership_approved")
    assert (actor, details["user"]) == (secretary.pk, application.user_id)


def test_approval_takes_an_organisation_that_is_there_whatever_its_capitals(client):
    organisation = Organisation.objects.create(name="Analytical Engines")
    application = make_application(organisation_name="analytical ENGINES")
    form = soup_of(client, step(application, "approve"))
    assert form.select_one("[name=organisation] option[selected]").text == "Analytical Engines"
    assert (
        client.post(step(application, "approve"), {"organisation_name": "ANALYTICAL engines", **WORDS}).status_code
        == 302
    )
    application.user.membership.refresh_from_db()
    assert (application.user.membership.organisation, Organisation.objects.count()) == (organisation, 1)


def test_decline_sends_the_words_and_leaves_an_account_without_membership(client, secretary):
    application = make_application(email="ada@example.org")
    assert "Please say why." in client.get(step(application, "decline")).content.decode()
    words = {"subject": "No", "text": "Good day, {first name}: {not} now."}
    assert client.post(step(application, "decline"), words).status_code == 302
    application.refresh_from_db()
    assert (application.state, application.decided_by) == ("declined", secretary)
    assert not Membership.objects.filter(user=application.user).exists()
    mail = mails_to("ada@example.org")[-1]
    assert (mail.subject, mail.text) == ("No", "Good day, Pat: {not} now.")
    details = {"user": application.user_id}
    assert last_rows("application_declined") == [("application_declined", secretary.pk, str(application.pk), details)]


def test_approval_in_the_list_of_members_decides_the_application_as_well(client, secretary):
    application = make_application()
    answer = client.post(f"/admin/memberships/decide/{application.user.membership.pk}/approve/", {"expires_on": ""})
    assert answer.status_code == 302
    application.refresh_from_db()
    assert (application.state, application.decided_by) == ("approved", secretary)
    refused = client.post(step(application, "decline"), WORDS)
    assert services.DECIDED in refused.content.decode()
    assert Membership.objects.current().filter(user=application.user).exists()


@pytest.mark.parametrize("state", ["approved", "declined", "withdrawn"])
@pytest.mark.parametrize("name", ["approve", "decline", "ask", "take-up"])
def test_application_that_is_over_is_not_decided_again(client, state, name):
    application = make_application(state=state)
    before = Application.objects.values().get(), len(mails_to(application.email))
    answer = client.post(step(application, name), {"question": "x", **WORDS})
    sentence = "The applicant has withdrawn this application." if state == "withdrawn" else services.DECIDED
    assert (answer.status_code, sentence in answer.content.decode()) == (200, True)
    assert (Application.objects.values().get(), len(mails_to(application.email))) == before
    assert step(application, name) not in client.get(page(application)).content.decode()


@pytest.mark.parametrize("name", ["approve", "decline", "ask", "take-up"])
def test_nobody_decides_about_the_own_application(signed_in, name):
    own = make_user(groups=(roles.SECRETARIES,))
    application = make_application(own)
    client = signed_in(own)
    answer = client.post(step(application, name), {"question": "x", **WORDS})
    assert (answer.status_code, services.OWN in answer.content.decode()) == (200, True)
    application.refresh_from_db()
    assert application.state == "new"
    services.note(application=application, by=make_administrator(), text="Heliotrope7731")
    assert "Heliotrope7731" not in client.get(page(application)).content.decode()
    assert services.OWN in messages_of(client.post(f"{LIST}note/{application.pk}/", {"text": "x"}, follow=True))
    assert application.entries.count() == 1
    administrator = make_user(is_superuser=True)
    mine = make_application(administrator)
    assert signed_in(administrator).post(step(mine, name), {"question": "x", **WORDS}).status_code == 302


@pytest.mark.parametrize(("data", "sentence"), [
    ({"expires_on": "2001-01-01"}, "A membership cannot end before it starts."),
    ({"expires_on": "9999-01-01"}, "Please choose a day within the next 50 years"),
    ({"level": "999"}, "Select a valid choice."),
    ({"text": " "}, "Please write what the applicant is to read."),
    ({"organisation_name": "x" * 201}, "Please keep it to 200 characters."),
])  # fmt: skip
def test_approval_that_does_not_fit_is_refused_and_nothing_is_lost(client, data, sentence):
    application = make_application()
    answer = client.post(step(application, "approve"), {**WORDS, "organisation_name": "Kept", **data})
    assert (answer.status_code, sentence in answer.content.decode()) == (200, True)
    assert soup_in(answer).select_one("[name=subject]")["value"] == "Welcome"
    application.refresh_from_db()
    assert (application.state, Organisation.objects.count(), application.entries.count()) == ("new", 0, 0)


@pytest.mark.parametrize("address", ["decide/1/nonsense/", "decide/99999999999999999999/approve/", "inspect/999/"])
def test_address_that_is_none_does_not_exist(client, address):
    assert client.get(LIST + address).status_code == 404


def test_unconfirmed_application_is_nowhere_in_the_administration(client):
    hidden = apply.begin(email="x@example.org", written=apply.Written("Eve", "Unconfirmed", "x", "x"))
    for address in (page(hidden), step(hidden, "approve"), f"{LIST}note/{hidden.pk}/"):
        assert client.get(address).status_code in (404, 405), address
    client.post(bulk("approve", hidden), {"action_data": "", **WORDS})
    hidden.refresh_from_db()
    assert hidden.state == "unconfirmed"


def test_decision_that_cannot_be_recorded_does_not_happen(monkeypatch, secretary):
    application = make_application()
    before = Application.objects.values().get(), len(mails_to(application.email))

    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr("members.audit.record", full)
    for act in (services.approve, services.decline):
        with pytest.raises(OSError, match="disk full"):
            act(application=application, by=secretary, words=("x", "x"))
    with pytest.raises(OSError, match="disk full"):
        services.ask(application=application, by=secretary, question="x")
    assert (Application.objects.values().get(), len(mails_to(application.email))) == before
    assert Membership.objects.waiting().count() == 1


# --- Who may ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["member", "editor", "auditor"])
def test_nobody_else_sees_or_decides(signed_in, kind):
    people = {
        "member": make_member,
        "editor": lambda: make_editor_of(make_folder()),
        "auditor": lambda: make_member(groups=(roles.AUDITORS,)),
    }
    client = signed_in(people[kind]())
    application = make_application(email="heliotrope7731@example.org")
    addresses = [
        LIST,
        f"{LIST}results/",
        page(application),
        f"{LIST}note/{application.pk}/",
        bulk("decline", application),
    ]
    addresses += [step(application, name) for name in ("approve", "ask", "decline", "take-up")]
    addresses += ["/admin/settings/members/joiningsettings/"]
    for address in addresses:
        for answer in (client.get(address), client.post(address, {"question": "x", "text": "x", "subject": "x"})):
            assert answer.status_code in (302, 403, 404, 405), address
            assert "heliotrope7731" not in answer.content.decode()
    application.refresh_from_db()
    assert (application.state, application.entries.count()) == ("new", 0)
    assert "heliotrope7731" not in client.get("/admin/").content.decode()


def test_secretary_sets_how_people_join(client, signed_in):
    joining = JoiningSettings.load()
    address = f"/admin/settings/members/joiningsettings/{joining.pk}/"
    assert client.get("/admin/settings/members/joiningsettings/")["Location"] == address
    assert client.get(address).status_code == 200
    question = {"label": "How?", "field_type": "singleline", "required": "on", "help_text": "", "choices": ""}
    data = {
        "applications_are_open": "on", "introduction": "Welcome.", "consent_text": "I agree to this.",
        "invitation_days": "14", "questions": inline_formset([question]),
    }  # fmt: skip
    answer = client.post(address, nested_form_data(data))
    assert answer.status_code == 302, words_of(soup_in(answer).select_one("main"))
    joining.refresh_from_db()
    assert (joining.invitations_are_open, joining.invitation_days) == (False, 14)
    form = soup_of(signed_in(make_user()), "/members/apply/")
    assert form.select_one(f"[name=question-{joining.questions.get().pk}]")
    assert "I agree to this." in words_of(form)
    wrong = client.post(address, nested_form_data(data | {"invitation_days": "0"}))
    assert wrong.status_code == 200
