"""allauth's forms, with our words on their fields; the message beside a field and the list of all say the same."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms
from django.forms import Form as DjangoForm

NEW_PASSWORD: dict[str, str] = {"password1": "New password", "password2": "New password, once more"}


class _InOurWords(DjangoForm):
    labels: ClassVar[dict[str, str]] = NEW_PASSWORD

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.labels.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)


class ChangePasswordForm(_InOurWords, forms.ChangePasswordForm):
    labels: ClassVar[dict[str, str]] = {"oldpassword": "Present password", **NEW_PASSWORD}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].help_text = ""  # the way out stands after the form


class SetPasswordForm(_InOurWords, forms.SetPasswordForm):
    pass


class ResetPasswordKeyForm(_InOurWords, forms.ResetPasswordKeyForm):
    pass


class ResetPasswordForm(_InOurWords, forms.ResetPasswordForm):
    labels: ClassVar[dict[str, str]] = {"email": "E-mail"}


class AddEmailForm(_InOurWords, forms.AddEmailForm):
    labels: ClassVar[dict[str, str]] = {"email": "E-mail"}
