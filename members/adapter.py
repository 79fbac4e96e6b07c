"""How signing in is joined to this site."""

from typing import Any, ClassVar
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.core import ratelimit
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from members import devices

LIMITS = ("too_many_login_attempts", "rate_limited")  # allauth's names of what it says then


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: the association decides who is a member."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": (
            "There were too many wrong passwords. Please wait five minutes and try again, or set a new password: "
            "“Forgotten your password?” leads there."
        ),
        "rate_limited": "That was asked for too often in a short time. Please wait a few minutes and try again.",
        "email_password_mismatch": "The e-mail address and the password do not belong together.",
        "duplicate_email": "This e-mail address belongs to your account already.",
        "email_taken": "There is an account with this e-mail address already.",
        "cannot_remove_primary_email": "The main address cannot be removed; make another one the main address first.",
        "unverified_primary_email": "The main address must be confirmed first.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        try:
            return super().is_safe_url(url)
        except ValueError:  # such as “http://[”, which is no address at all
            return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """What wrong passwords are counted by: the account, or a device from which its owner has signed in before."""
        account: str = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{account}:{devices.known(request, credentials.get('email', ''))}"

    def validation_error(self, code: str, *values: Any) -> ValidationError:
        """What a form says; portal.middleware answers 429 where it is a limit, of passwords or of codes."""
        if code in LIMITS:
            allauth_context.request.limit_is_reached = True
        error: ValidationError = super().validation_error(code, *values)
        return error

    def post_login(self, request: HttpRequest, user: Any, **how: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **how)
        devices.remember(request, response, user)
        return response

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """At most so many an hour to one person, whichever of the person's addresses is given."""
        if ratelimit.consume(allauth_context.request, action="reset_mail", user=user):
            super().send_password_reset_mail(user, email, context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        return self._address("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"}).replace(
            "UID-KEY", quote(key)
        )

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return self._address("account_confirm_email", args=[emailconfirmation.key])

    def _address(self, name: str, **where: Any) -> str:
        """An address for a mail: from BASE_URL, never from the Host header of whoever asked for the mail."""
        return f"{settings.BASE_URL}{reverse(name, **where)}"

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
            "association": render_to_string("account/email/association.txt", {}, allauth_context.request).strip(),
            "base_url": settings.BASE_URL,
            "join_url": self._address("account_signup"),
            "forgotten_url": self._address("account_reset_password"),
        }
        return super().render_mail(template_prefix, email, words, headers)

    def get_from_email(self) -> str:
        return str(settings.DEFAULT_FROM_EMAIL)
