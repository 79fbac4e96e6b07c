"""How signing in is joined to this site."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from members import addresses, devices, limits, mail, second_factor
from members.models import User
from members.services import sign_in

# What a form says of a limit.
LIMITS = {
    "too_many_login_attempts": (
        "There were too many wrong passwords. Please try again {when}, or set a new password: “Forgotten your "
        "password?” leads there."
    ),
    "too_many_codes": "There were too many wrong codes. Please try again {when}.",
    "rate_limited": "That was asked for too often in a short time. Please try again {when}.",
}
LONGEST_WAIT = 5 * 60  # seconds, of allauth's own limits for an account
LATELY = 5 * 60  # seconds after signing in during which nobody is asked once more, as after asking
STRANGER, CODE = "account/email/unknown_account", "account/email/login_code"
WAYS = {"password": "password", "code": "code by e-mail", "socialaccount": "single sign-on"}
FACTORS = {"totp": "authenticator app", "webauthn": "passkey", "recovery_codes": "recovery code"}
QUESTIONS = {
    "reauthenticate": "Type your password",
    "mfa_reauthenticate": "Type a code from your authenticator app, or a recovery code",
    "mfa_reauthenticate:webauthn": "Use your passkey",
}


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: the association decides who is a member."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        # Not from a form (LIMITS): the code from a mail was wrong too often, and is no longer good.
        "too_many_login_attempts": "There were too many wrong codes. Please ask for a new one.",
        "email_password_mismatch": "The e-mail address and the password do not belong together.",
        "incorrect_password": "That is not your password.",
        "incorrect_code": "That code is not right, or its time is over.",
        "duplicate_email": "This e-mail address belongs to your account already.",
        "email_taken": "There is an account with this e-mail address already.",
        "cannot_remove_primary_email": "The main address cannot be removed; make another one the main address first.",
        "unverified_primary_email": "The main address must be confirmed first.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """An address without a host, or with that of BASE_URL, whatever other names the site answers to."""
        is_secure = settings.BASE_URL.startswith("https:")
        try:
            return url_has_allowed_host_and_scheme(url, {urlsplit(settings.BASE_URL).netloc}, require_https=is_secure)
        except ValueError:  # such as “http://[”, which is no address at all
            return False

    # --- Limits -------------------------------------------------------------------------------------------------
    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """What wrong passwords are counted by: the account, or a device from which its owner has signed in before."""
        account: str = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{account}:{devices.known(request, credentials.get('email', ''))}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            key = self._get_login_attempts_cache_key(request, **credentials)
            limits.reached(request, "login_failed", key=key)
            raise self.validation_error("too_many_login_attempts") from None

    def validation_error(self, code: str, *values: Any) -> ValidationError:
        """What a form says; where it is a limit, the answer is 429 (members.limits)."""
        if code in LIMITS:
            request = allauth_context.request
            if not limits.is_reached(request):  # one of allauth's own, for an account
                request.limit_ends_in = LONGEST_WAIT
            return ValidationError(LIMITS[code].format(when=limits.when(request)), code=code)
        error: ValidationError = super().validation_error(code, *values)
        return error

    # --- Signing in, by whichever door --------------------------------------------------------------------------
    def login(self, request: HttpRequest, user: User) -> None:
        """The last step of each door. None leads past the second factor: the gate (members.gate) would not open."""
        records = get_authentication_records(request, user)
        if second_factor.has(user) and not any(record["method"] == "mfa" for record in records):
            raise PermissionDenied("This account asks for a second step.")
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, *, signup: bool, **how: Any) -> HttpResponse:
        """The first device of somebody who joins just now is no news."""
        response: HttpResponse = super().post_login(request, user, signup=signup, **how)
        sign_in.sign_in(
            user=user,
            how=ways_in_words(get_authentication_records(request, user)),
            device=self._device(request),
            address=self.get_client_ip(request),
            is_new_device=not signup and not devices.known_to(request, user),
        )
        devices.remember(request, response, user)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong password, at sign-in or where it is asked for once more."""
        found = filter_users_by_email(credentials.get("email", ""), for_login=True)
        sign_in.fail(user=next(iter(found), None), how=WAYS["password"], device=self._device(request))

    def _device(self, request: HttpRequest) -> str:
        return devices.in_words(self.get_http_user_agent(request))

    def is_reauthentication_required(self, *, app: str, **which: Any) -> bool:
        """Not straight after signing in: the person has shown just now who it is."""
        records = get_authentication_records(self.request, self.request.user)
        if records and timezone.now().timestamp() - records[-1]["at"] < LATELY:
            return False
        return bool(super().is_reauthentication_required(app=app, **which))

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**method, "description": QUESTIONS[method["id"]]} for method in methods]

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Once: of two clicks at the same time the second one finds nothing to confirm. Nor does whoever asked for an
        address that has come to somebody else since, for whom allauth looks among confirmed addresses alone."""
        with transaction.atomic():
            waiting = EmailAddress.objects.select_for_update(no_key=True).filter(pk=email_address.pk, verified=False)
            if not waiting.exists():
                return False
            if addresses.owner(email_address.email) not in (None, email_address.user):
                told = {"email": email_address.email}
                self.add_message(request, messages.ERROR, "account/messages/email_confirmation_failed.txt", told)
                return False
            return bool(super().confirm_email(request, email_address))

    # --- Mail ---------------------------------------------------------------------------------------------------
    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """At most so many an hour to one person, whichever of the person's addresses is given."""
        if ratelimit.consume(allauth_context.request, action="reset_mail", key=f"user {user.pk}"):
            super().send_password_reset_mail(user, email, context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        return self.address("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"}).replace(
            "UID-KEY", quote(key)
        )

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return self.address("account_confirm_email", args=[emailconfirmation.key])

    @staticmethod
    def address(name: str, **where: Any) -> str:
        """An address for a mail: from BASE_URL, never from the Host header of whoever asked for the mail."""
        return f"{settings.BASE_URL}{reverse(name, **where)}"

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        device = self._device(allauth_context.request)
        super().send_notification_mail(template_prefix, user, {"device": device, **(context or {})}, email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Kept, and sent once by the worker. Strangers' addresses get as many as members' do, and not more.

        A member's code is counted too, and sent all the same: so that neither takes longer than the other.
        """
        if template_prefix in (STRANGER, CODE):
            counted = ratelimit.consume(allauth_context.request, action="reset_mail", key=f"address {email.lower()}")
            if template_prefix == STRANGER and not counted:
                return
        message = self.render_mail(template_prefix, email, {"email": email, **context})
        occasion = f"{template_prefix} {secrets.token_hex(8)}"
        words, user = (str(message.subject), f"{message.body}\n"), context.get("user")
        mail.post(to=email, occasion=occasion, words=words, whose=user if isinstance(user, User) and user.pk else None)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """Every mail names the association, not the host, and its addresses come from BASE_URL, as above.

        allauth renders the subject without the request, so the name is asked of the site's own template first.
        """
        words = {
            **context,
            "association": association(),
            "base_url": settings.BASE_URL,
            "join_url": self.address("account_signup"),
            "forgotten_url": self.address("account_reset_password"),
        }
        return super().render_mail(template_prefix, email, words, headers)

    def get_from_email(self) -> str:
        return str(settings.DEFAULT_FROM_EMAIL)


def association() -> str:
    """The association's name, which the site's settings hold: this app asks the site's own template for it."""
    return render_to_string("account/email/association.txt", {}, allauth_context.request).strip()


def ways_in_words(records: list[dict[str, Any]]) -> str:
    """How a session signed in, such as “password and authenticator app”."""
    said = [FACTORS.get(record.get("type", ""), "") or WAYS.get(record["method"], "") for record in records]
    return " and ".join(dict.fromkeys(filter(None, said))) or "an address from a mail"
