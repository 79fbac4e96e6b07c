"""An invitation, opened from the mail. Looking changes nothing: mail scanners open links before people do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from members import addresses
from members.apply_forms import AcceptForm, JoinForm, PasswordForm
from members.models import JoiningSettings
from members.services import invite as services
from members.views.apply import shown, sign_in

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from members.models import Invitation

GONE, NOT_FOUND = 410, 404


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    try:
        invitation = services.find(token)
    except ValidationError as error:
        status = NOT_FOUND if error.code == "unknown" else GONE
        return shown(request, "invitation_refused", trouble=error.messages[0], status=status)
    user: Any = request.user
    if user.is_authenticated and not services.is_for(invitation, user):
        return shown(request, "invitation_refused", trouble=services.OTHERS, is_others=True, status=403)
    owner = addresses.owner(invitation.email)
    if not user.is_authenticated and owner is not None and addresses.can_sign_in(owner):
        return _page(request, invitation, None)
    kind = AcceptForm if user.is_authenticated else JoinForm if owner is None else PasswordForm
    posted = request.POST if request.method == "POST" else None
    form = kind(posted, joining=JoiningSettings.load(request), invitation=invitation)
    if request.method != "POST" or not form.is_valid():
        return _page(request, invitation, form)
    return _accepted(request, invitation, form)


def _accepted(request: HttpRequest, invitation: Invitation, form: AcceptForm) -> HttpResponse:
    consent_text = str(form.fields["consent"].label)
    try:
        if not isinstance(form, PasswordForm):
            services.accept(invitation=invitation, user=request.user, consent_text=consent_text)  # type: ignore[arg-type]
            return redirect("members:overview")
        said = form.cleaned_data
        membership = services.join(
            invitation=invitation,
            first_name=said.get("first_name", ""),
            last_name=said.get("last_name", ""),
            password=said["password1"],
            consent_text=consent_text,
        )
    except ValidationError as error:
        form.add_error(None, " ".join(error.messages))
        return _page(request, invitation, form)
    return sign_in(request, membership.user, reverse("members:overview"))


def _page(request: HttpRequest, invitation: Invitation, form: AcceptForm | None) -> HttpResponse:
    """Without a form: the person has an account, and signs in first."""
    is_wrong = form is not None and form.is_bound
    is_member = services.is_for_a_member(invitation)
    status = 400 if is_wrong else 200
    return shown(request, "invitation", invitation=invitation, form=form, is_member=is_member, status=status)
