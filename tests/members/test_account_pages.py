"""Every page about an account that can be reached: in our words and in our look."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from wagtail.models import Site

from members.models import User
from portal.models import SiteSettings
from tests.factories import PASSWORD, make_member
from tests.mailbox import delivered, forget
from tests.markup import faults

pytestmark = pytest.mark.django_db
ADDRESS = "pat@example.org"
# Words of allauth's own templates and forms.
FOREIGN = re.compile(
    r"Password Reset|Reset My|Change Password|Set Password|Bad Token|Sign In\b|Verify Your|Verified|Email Address|"
    r"Two-Factor|Activate|Deactivate|Recovery Codes|Generate|Account Inactive|verification|spam folder|"
    r"Please contact us|Make Primary|>\s*Email\s*<|\(again\)|Successfully|account for user|will invalidate"
)


@pytest.fixture(autouse=True)
def _association():
    own, _created = SiteSettings.objects.get_or_create(site=Site.objects.get(is_default_site=True))
    own.contact_email = "office@example.org"
    own.save()


@pytest.fixture
def pat():
    return make_member(ADDRESS)


def signed_in_lately():
    client = Client()
    client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def heading(response, status=200):
    """The page's heading, after a look at all of its words."""
    assert response.status_code == status
    body = response.content.decode()
    assert "site-foot" in body
    assert faults(body) == []
    main = body[body.index("<main") : body.index("</main>")]
    assert not FOREIGN.findall(main)
    return re.sub(r"\s+", " ", re.search(r"<h1[^>]*>(.*?)</h1>", main, re.DOTALL)[1]).strip()


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/account/login/", "Sign in"),
        ("/members/apply/", "Apply for membership"),
        ("/account/login/code/", "A code by e-mail"),
        ("/account/3rdparty/login/cancelled/", "You did not sign in"),
        ("/account/inactive/", "This account is switched off"),
        ("/account/confirm-email/", "Please confirm your e-mail address"),
        ("/account/confirm-email/no-such-key/", "This address no longer works"),
        ("/account/password/reset/", "Forgotten your password?"),
        ("/account/password/reset/done/", "Look at your e-mail"),
        ("/account/password/reset/key/1-no-such-key/", "This address no longer works"),
        ("/account/password/reset/key/done/", "Your new password is saved"),
    ],
)
def test_visitor_s_page_is_ours(address, title):
    assert heading(Client().get(address)) == title


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/account/logout/", "Sign out?"),
        ("/account/email/", "E-mail address"),
        ("/account/password/change/", "Change password"),
        ("/account/password/reset/", "Forgotten your password?"),
        ("/account/reauthenticate/?next=/account/2fa/", "Confirm that it is you"),
        ("/account/2fa/", "Account security"),
        ("/account/2fa/totp/activate/", "Set up the authenticator app"),
        ("/account/2fa/webauthn/", "Passkeys"),
        ("/account/2fa/webauthn/add/", "Add a passkey"),
        ("/account/sessions/", "Devices that are signed in"),
        ("/account/sign-ins/", "Sign-in history"),
    ],
)
def test_member_s_page_is_ours(pat, address, title):
    assert heading(signed_in_lately().get(address)) == title


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/account/2fa/", "Account security"),
        ("/account/2fa/totp/deactivate/", "Turn off the authenticator app"),
        ("/account/2fa/recovery-codes/", "Recovery codes"),
        ("/account/2fa/recovery-codes/generate/", "Make new recovery codes"),
    ],
)
def test_page_of_the_second_step_is_ours(pat, address, title):
    TOTP.activate(pat, generate_totp_secret())
    first, *codes = RecoveryCodes.activate(pat).get_unused_codes()
    client = signed_in_lately()
    client.post("/account/2fa/authenticate/", {"code": first})
    response = client.get(address)
    assert heading(response) == title
    if title == "Recovery codes":
        assert "\n".join(codes) in response.content.decode().replace("&#10;", "\n")


def test_second_step_of_signing_in_is_ours(pat):
    TOTP.activate(pat, generate_totp_secret())
    client = Client()
    page = client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD}, follow=True)
    assert heading(page) == "The second step"
    assert heading(client.post("/account/2fa/authenticate/", {"code": "000000"})) == "The second step"


def test_first_password_is_chosen_on_a_page_of_ours(pat, signed_in):
    User.objects.filter(pk=pat.pk).update(password="!")
    assert heading(signed_in(User.objects.get(pk=pat.pk)).get("/account/password/set/")) == "Choose a password"


def test_new_password_is_chosen_on_pages_of_ours(pat):
    client = Client()
    client.post("/account/password/reset/", {"email": ADDRESS})
    link = re.search(r"/account/password/reset/key/\S+", delivered()[0].body)[0]
    form = client.get(link, follow=True)
    assert heading(form) == "Choose a new password"
    wrong = client.post(form.request["PATH_INFO"], {"password1": "a horse", "password2": "a battery"})
    assert heading(wrong) == "Choose a new password"
    new = {"password1": "another horse battery", "password2": "another horse battery"}
    assert heading(client.post(form.request["PATH_INFO"], new, follow=True)) == "Your new password is saved"
    assert heading(Client().get(link)) == "This address no longer works"


@pytest.mark.parametrize(("address", "sentence"), [
    ("p\u0430t@example.org", "“\u0430” only looks like a letter of an e-mail address. Please type the address anew."),
    ("pat@ex\u0430mple.org", "“\u0430” only looks like a letter of an e-mail address. Please type the address anew."),
    ("PAT@Example.org", "This e-mail address belongs to your account already."),
    ("new@example.org\nBcc: eve@example.org", "Please write an e-mail address, such as name@example.org."),
    (f"{'x' * 2000}@example.org", "Please write an e-mail address, such as name@example.org."),
    ("", "Please write an e-mail address, such as name@example.org."),
])  # fmt: skip
def test_address_that_cannot_be_taken_is_told_why(pat, address, sentence):
    client = signed_in_lately()
    forget()
    answer = client.post("/account/email/", {"email": address, "action_add": ""})
    assert (answer.status_code, sentence in answer.content.decode()) == (200, True)
    assert delivered() == []


def test_address_is_changed_on_pages_of_ours(pat):
    client = signed_in_lately()
    client.post("/account/email/", {"email": "new@example.org", "action_add": ""})
    there = re.search(r"/account/email/agree/\S+", delivered()[-1].body)[0]
    assert heading(client.get(there)) == "Another e-mail address"
    assert heading(client.post(there)) == "Look at the new mailbox"
    assert heading(client.post(there), status=404) == "This address no longer works"
    assert "We have written to new@example.org." in client.get("/account/email/").content.decode()
    page = client.get(re.search(r"/account/confirm-email/\S+", delivered()[-1].body)[0])
    assert heading(page) == "Confirm your e-mail address"
    assert "Does new@example.org belong to Pat Person?" in page.content.decode()
    assert EmailAddress.objects.filter(email="new@example.org", verified=False).exists()


@pytest.mark.parametrize(
    ("address", "field"), [("/account/reauthenticate/", "password"), ("/account/password/change/", "oldpassword")]
)
def test_key_tab_leads_to_the_password_before_the_way_out(pat, address, field):
    body = signed_in_lately().get(address).content.decode()
    assert body.index(f'name="{field}"') < body.index("/account/password/reset/")
    assert body.count("/account/password/reset/") == 1


def test_page_of_the_address_offers_nothing_that_cannot_be_done(signed_in):
    user = make_member("only@example.org")
    client = signed_in(user)
    page = client.get("/account/email/").content.decode()
    assert "only@example.org" in page
    for name in ("action_primary", "action_send", "action_remove"):
        assert f'name="{name}"' not in page
    assert 'name="action_add"' in page
    EmailAddress.objects.create(user=user, email="second@example.org", verified=False)
    page = client.get("/account/email/").content.decode()
    for name in ("action_send", "action_remove", "action_add"):
        assert f'name="{name}"' in page


def test_key_for_the_app_stands_in_groups_of_four(pat):
    client = signed_in_lately()
    page = client.get("/account/2fa/totp/activate/").content.decode()
    key = re.search(r'<code id="authenticator_secret">([^<]+)</code>', page)[1]
    assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", key)
    assert client.session["mfa.totp.secret"] == key.replace(" ", "")
