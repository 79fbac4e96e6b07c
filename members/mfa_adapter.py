"""allauth's second factor in the association's name and in our words."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from members import devices
from members.adapter import association
from members.models import User


class MFAAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code is not right, or its time is over. Please type the code that is shown now.",
        "incorrect_key": "That passkey could not be used here. Please try again, or sign in another way.",
        "cannot_generate_recovery_codes": "Set up an authenticator app or a passkey first.",
    }

    def get_totp_issuer(self) -> str:
        return association()

    def _get_site_name(self) -> str:
        return association()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 -- allauth's name
        """Where the passkey was made, which is what tells two of them apart."""
        return devices.in_words(allauth_context.request.META.get("HTTP_USER_AGENT", ""))
