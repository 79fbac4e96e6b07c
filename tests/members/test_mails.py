"""Every mail about an account: from the association, in its name, in plain words."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client
from wagtail.models import Site

from members.models import User
from portal.models import SiteSettings
from tests.factories import PASSWORD, make_member
from tests.mailbox import delivered, forget

pytestmark = pytest.mark.django_db
ADDRESS, NAME, NEW = "pat@example.org", "Guild of Safe & Sound Places", "another horse battery"


@pytest.fixture(autouse=True)
def _association():
    own, _created = SiteSettings.objects.get_or_create(site=Site.objects.get(is_default_site=True))
    own.organisation_name, own.contact_email = NAME, "office@example.org"
    own.save()


@pytest.fixture
def pat():
    return make_member(ADDRESS)


@pytest.fixture
def client(pat):
    """Signed in, and asked once more, as before each change of how the account is protected."""
    client = Client()
    client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    forget()
    return client


def the_mail(settings, *, to=ADDRESS):
    (message,) = delivered()
    assert message.to == [to]
    assert NAME in message.subject
    whole = f"{message.subject}\n{message.body}"
    assert message.body.startswith("Good day,\n\n")
    assert message.body.endswith(
        f"Kind regards,\n{NAME}\n{settings.BASE_URL}\n\nDo you need help? Write to office@example.org.\n"
    )
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert message.alternatives[0].mimetype == "text/html"
    for foreign in ("testserver", "evil.example", "Hello from", "Thank you for using", "user account", "&amp;", "None"):
        assert foreign not in whole
    assert "\n\n\n" not in whole
    for address in re.findall(r"https?://[^\s]+", whole):
        assert address.startswith(settings.BASE_URL)
    return message.subject, message.body


def is_a_warning(body, settings):
    return (
        "If this was you, there is nothing to do." in body
        and f"Choose a new password at once:\n\n{settings.BASE_URL}/account/password/reset/\n" in body
        and "and tell us: office@example.org" in body
        and re.search(
            r"It was done on \d+ [A-Z][a-z]+ \d{4} at \d\d:\d\d, from the internet address 127\.0\.0\.1, "
            r"with an unknown browser\.",
            body,
        )
    )


def link_in(body):
    return re.search(r"https?://[^/]+(/account/[^\s]+/[^\s]+)", body)[1]


def ask_for_a_new_password(client=None, email=ADDRESS):
    (client or Client()).post("/account/password/reset/", {"email": email})


def test_new_password_is_offered(pat, settings):
    ask_for_a_new_password()
    subject, body = the_mail(settings)
    assert subject == f"Choose a new password for {NAME}"
    assert "You asked for a new password for your account" in body
    assert "If you did not ask for this, you can leave it: your password stays as it is." in body
    assert Client().get(link_in(body)).status_code == 302


def test_unknown_address_is_told_what_to_try(settings):
    settings.ALLOWED_HOSTS = ["*"]
    Client().post("/account/password/reset/", {"email": "nobody@example.org"}, HTTP_HOST="evil.example")
    subject, body = the_mail(settings, to="nobody@example.org")
    assert subject == f"There is no account with this address at {NAME}"
    assert "with the e-mail address nobody@example.org. We have no account with this address" in body
    assert f"{settings.BASE_URL}/account/signup/" in body
    assert "sign up" not in body.lower()


def test_chosen_password_is_told(pat, settings):
    client = Client()
    ask_for_a_new_password(client)
    form = client.get(link_in(delivered().pop().body), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert User.objects.get(email=ADDRESS).check_password(NEW)
    subject, body = the_mail(settings)
    assert subject == f"Your password for {NAME} was changed"
    assert is_a_warning(body, settings)


def test_changed_password_is_told(client, settings):
    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    subject, body = the_mail(settings)
    assert subject == f"Your password for {NAME} was changed"
    assert is_a_warning(body, settings)


def test_first_password_is_told(client, pat, settings):
    User.objects.filter(pk=pat.pk).update(password="!")
    client.force_login(User.objects.get(pk=pat.pk))
    client.post("/account/password/set/", {"password1": NEW, "password2": NEW})
    subject, body = the_mail(settings)
    assert subject == f"A password was chosen for your account with {NAME}"
    assert is_a_warning(body, settings)


def test_another_address_takes_the_place_of_the_present_one_once_both_agree(client, pat, settings):
    new = "new@example.org"
    client.post("/account/email/", {"email": new, "action_add": ""})
    assert not EmailAddress.objects.filter(email=new).exists()
    subject, body = the_mail(settings)
    assert subject == f"Shall your e-mail address at {NAME} change?"
    assert "another e-mail address from now on: new@example.org. Nothing has changed yet." in body
    assert is_a_warning(body, settings)

    forget()
    somewhere = Client()
    there = re.search(r"https?://[^/]+(/account/email/agree/\S+)", body)[1]
    assert "Shall Pat Person sign in with <strong>new@example.org</strong>" in somewhere.get(there).content.decode()
    assert "new@example.org" in somewhere.post(there).content.decode()
    subject, body = the_mail(settings, to=new)
    assert subject == f"Please confirm your e-mail address for {NAME}"
    assert f"for the account of {pat} with {NAME}" in body
    assert User.objects.get(pk=pat.pk).email == ADDRESS

    forget()
    confirmation = link_in(body)
    somewhere.post(confirmation)
    assert User.objects.get(pk=pat.pk).email == new
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(new, True, True)]
    subject, body = the_mail(settings)
    assert subject == f"Your e-mail address at {NAME} was changed"
    assert "with another e-mail address from now on: new@example.org in place of pat@example.org." in body
    assert is_a_warning(body, settings)
    for used in (there, confirmation):
        assert somewhere.post(used).status_code == 404


def test_unconfirmed_address_is_asked_to_confirm_when_signing_in(settings):
    User.objects.create_user(ADDRESS, PASSWORD)
    Client().post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
    subject, body = the_mail(settings)
    assert subject == f"Please confirm your e-mail address for {NAME}"
    assert "choose “Confirm”" in body


@pytest.mark.django_db(transaction=True, serialized_rollback=True)  # these mails leave after the commit
def test_second_step_is_told_when_it_comes_and_goes(client, settings):
    def told_of(address, **data):
        forget()
        client.post(f"/account/2fa/{address}/", data)
        told = {}
        for message in list(delivered()):
            mail.outbox[:] = [message]
            subject, body = the_mail(settings)
            told[subject] = body
            assert is_a_warning(body, settings)
        return told

    form = client.get("/account/2fa/totp/activate/").context["form"]
    code = format_hotp_value(hotp_value(form.secret, next(yield_hotp_counters_from_time())))
    assert f"Signing in to {NAME} now asks for a code" in told_of("totp/activate", code=code)
    told = told_of("recovery-codes/generate")
    assert "The codes that you had before no longer work." in told[f"New recovery codes for your account with {NAME}"]
    assert f"Signing in to {NAME} no longer asks for a code" in told_of("totp/deactivate")
