"""How signing in is joined to this site."""

from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: the association decides who is a member."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

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
