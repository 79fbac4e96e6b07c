"""allauth's forms of an account, with our words on their fields and our limits behind them.

The message beside a field and the list of all say the same.
"""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.forms import Form as DjangoForm
from django.http import HttpRequest
from django.shortcuts import redirect

from members import devices, email_change, limits
from members.addresses import AddressField
from members.models import User
from members.services import sign_in

NEW_PASSWORD: dict[str, str] = {"password1": "New password", "password2": "New password, once more"}
LONGEST_ADDRESS = EmailAddress._meta.get_field("email").max_length or 0
TOO_LONG = "This is too long for an e-mail address."
CODE_LASTS = 15 * 60  # seconds; longer than any code is good for


class _InOurWords(DjangoForm):
    labels: ClassVar[dict[str, str]] = NEW_PASSWORD

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.labels.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)
            if name == "email":
                self.fields[name].validators.append(MaxLengthValidator(LONGEST_ADDRESS, TOO_LONG))


class ChangePasswordForm(_InOurWords, forms.ChangePasswordForm):
    labels: ClassVar[dict[str, str]] = {"oldpassword": "Present password", **NEW_PASSWORD}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].help_text = ""  # the way out stands after the form


class SetPasswordForm(_InOurWords, forms.SetPasswordForm):
    pass


class ResetPasswordKeyForm(_InOurWords, forms.ResetPasswordKeyForm):
    def save(self) -> None:
        """Once: whoever comes second, even at the same moment, holds an address that no longer works."""
        with transaction.atomic():
            user = User.objects.select_for_update(no_key=True).get(pk=self.user.pk)
            if not forms.default_token_generator.check_token(user, self.temp_key):
                raise ImmediateHttpResponse(redirect(allauth_context.request.path))
            super().save()


class ResetPasswordForm(_InOurWords, forms.ResetPasswordForm):
    labels: ClassVar[dict[str, str]] = {"email": "E-mail"}

    def clean_email(self) -> str:
        email: str = super().clean_email()
        limits.of_address("reset_for", email)
        return email


class RequestLoginCodeForm(_InOurWords, forms.RequestLoginCodeForm):
    labels: ClassVar[dict[str, str]] = {"email": "E-mail"}

    def clean_email(self) -> str:
        email: str = super().clean_email()
        limits.of_address("code_for", email)
        return email


class ConfirmLoginCodeForm(_InOurWords, forms.ConfirmLoginCodeForm):
    """The code from a mail: tries are counted for the account as well as for the session, and it works once."""

    labels: ClassVar[dict[str, str]] = {"code": "Code from the message"}

    def clean_code(self) -> str:
        request = allauth_context.request
        login = request._login_stage.login
        whose = login.email or ""
        forgive = limits.of_codes(login.user, whose=whose)
        try:
            code: str = super().clean_code()
            if not limits.once(f"{whose} {self.expected_code} {login.initiated_at}", seconds=CODE_LASTS):
                raise get_adapter().validation_error("incorrect_code")
        except forms.forms.ValidationError:
            device = devices.in_words(request.META.get("HTTP_USER_AGENT", ""))
            sign_in.fail(user=login.user, how="code by e-mail", device=device)
            raise
        forgive()
        return code


class AddEmailForm(_InOurWords, forms.AddEmailForm):
    """Another address takes the place of the present one once both have agreed, the present one first."""

    labels: ClassVar[dict[str, str]] = {"email": "New e-mail address"}
    email = AddressField()

    def save(self, request: HttpRequest) -> EmailAddress:
        present = EmailAddress.objects.get_verified(self.user)
        if present is None:  # nobody to ask
            added: EmailAddress = super().save(request)
            return added
        address = self.cleaned_data["email"]
        where = get_adapter().address("agree_to_email", args=[email_change.sealed(self.user, present.email, address)])
        told = {"new_email": address, "agree_url": where}
        get_adapter().send_notification_mail("account/email/email_change", self.user, told, email=present.email)
        get_adapter().add_message(
            request, 20, "account/messages/email_change_asked.txt", {"email": present.email}
        )  # as messages.INFO
        return EmailAddress(user=self.user, email=address)
