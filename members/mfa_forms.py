"""allauth's forms of the second factor, with our words, and limits that lock nobody out at a device of their own."""

from __future__ import annotations

from typing import Any

from allauth.core import context as allauth_context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.mfa.webauthn.internal import auth
from django import forms

from members import devices, limits
from members.models import User
from members.services import sign_in

USED_FOR = (
    5 * 60
)  # seconds; longer than a code of the app is good for, with the tolerance that MFA_TOTP_TOLERANCE gives
LONGEST_NAME = 60
JUNK = (ValueError, TypeError, KeyError, AttributeError)  # what the library makes of a made-up answer


def _is_first_use(user: User, code: str) -> bool:
    return limits.once(f"{user.pk} {''.join(filter(str.isdigit, code))}", seconds=USED_FOR)


class _Code(base.BaseAuthenticateForm):
    """A code of the app, or a recovery code. Each works once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code"
        self.fields["code"].widget.attrs.pop("placeholder", None)
        self.fields["code"].widget.attrs["autofocus"] = True

    def clean_code(self) -> str:
        forgive = limits.of_codes(self.user)
        code: str = self.cleaned_data["code"]
        candidates = Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN)
        by_kind = sorted(candidates, key=lambda each: each.type != Authenticator.Type.TOTP)
        for authenticator in by_kind:
            if authenticator.wrap().validate_code(code) and _is_first_use(self.user, code):
                authenticator.user = self.user
                self.authenticator = authenticator
                forgive()
                return code
        if by_kind:
            self._emit_authentication_failed(by_kind[0])
        raise get_adapter().validation_error("incorrect_code")


class AuthenticateForm(_Code, base.AuthenticateForm):
    pass


class ReauthenticateForm(_Code, base.ReauthenticateForm):
    pass


class ActivateTOTPForm(totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code from the app"
        self.fields["code"].widget.attrs.pop("placeholder", None)

    def clean_code(self) -> str:
        code: str = super().clean_code()
        _is_first_use(self.user, code)  # it signs nobody in besides
        return code


class _Passkey(webauthn.AuthenticateWebAuthnForm):
    """A passkey's answer. It cannot be guessed; the limits are there for who would keep the machine busy."""

    def clean_credential(self) -> Authenticator:
        answer = self.cleaned_data["credential"]
        forgive = limits.of_codes(self.user) if self.user else None
        try:
            auth.parse_authentication_response(answer)
            user = self.user or auth.extract_user_from_response(answer)
            authenticator: Authenticator = auth.complete_authentication(user, answer)
        except (forms.ValidationError, *JUNK) as refusal:
            device = devices.in_words(allauth_context.request.META.get("HTTP_USER_AGENT", ""))
            sign_in.fail(user=self.user, how="passkey", device=device)
            raise get_adapter().validation_error("incorrect_key") from refusal
        if forgive:
            forgive()
        authenticator.user = user
        return authenticator


class AuthenticateWebAuthnForm(_Passkey):
    pass


class ReauthenticateWebAuthnForm(_Passkey, webauthn.ReauthenticateWebAuthnForm):
    pass


class LoginWebAuthnForm(_Passkey, webauthn.LoginWebAuthnForm):
    pass


class AddWebAuthnForm(webauthn.AddWebAuthnForm):
    """Every passkey signs in by itself, opened by finger, face or PIN: there is no second kind to choose."""

    passwordless = forms.BooleanField(
        required=False,
        initial=True,
        widget=forms.CheckboxInput(attrs={"hidden": True, "aria-label": "It signs in by itself"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "A name for it"
        self.fields["name"].max_length = LONGEST_NAME
        self.fields["name"].widget.attrs["maxlength"] = LONGEST_NAME

    def clean_name(self) -> str:
        return " ".join(super().clean_name().split())[:LONGEST_NAME]

    def clean_passwordless(self) -> bool:
        return True

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except JUNK as refusal:
            raise get_adapter().validation_error("incorrect_key") from refusal
        return cleaned


class EditWebAuthnForm(webauthn.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "A name for it"
        self.fields["name"].max_length = LONGEST_NAME
        self.fields["name"].widget.attrs["maxlength"] = LONGEST_NAME
