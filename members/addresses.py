"""E-mail addresses that people type: one spelling for each, and none that only looks like another."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from members.models import User
from members.plain_text import refuse_look_alikes

LONGEST = 254  # characters, as many as a mail server takes (RFC 5321, with its erratum 1690)
WRONG = "Please write an e-mail address, such as name@example.org."


def plain(text: str) -> str:
    """The address in lower case. Raises ValidationError with a sentence."""
    address = text.strip().removeprefix("mailto:").lower()
    refuse_look_alikes(address)
    if len(address) > LONGEST:
        raise ValidationError(WRONG)
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError(WRONG) from error
    return address


def owner(address: str) -> User | None:
    """Whose address it is: an account's own, or a further one that the person has confirmed."""
    own = User.objects.filter(email=address).first()
    # Asked in any case, so that an address that nobody has takes no longer than one that somebody has.
    further = EmailAddress.objects.filter(email=address, verified=True).select_related("user").first()
    return own or (further.user if further else None)


def can_sign_in(user: User) -> bool:
    """Whether the person has a way in: a password or a passkey. Others were brought in from a register, or applied."""
    has_password = bool(user.password) and user.has_usable_password()
    return has_password or bool(is_mfa_enabled(user))


class AddressField(forms.CharField):
    """An address in its one spelling."""

    widget = forms.EmailInput({"autocomplete": "email"})

    def __init__(self, **options: Any) -> None:
        words = dict.fromkeys(("required", "null_characters_not_allowed"), WRONG)
        super().__init__(label="E-mail", error_messages=words, **options)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return plain(text) if text else ""
