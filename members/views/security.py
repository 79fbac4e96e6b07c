"""How a person's account is protected, and who has come in with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.base.views import IndexView
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import devices, email_change, second_factor
from members.enums import Action
from members.models import AccessRecord
from members.services import sign_in

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from members.models import User

AT_ONCE = 30  # rows of the history
HISTORY = (
    Action.SIGNED_IN, Action.SIGN_IN_FAILED, Action.SESSION_ENDED, Action.FACTOR_ADDED, Action.FACTOR_REMOVED,
    Action.CODES_RENEWED, Action.PASSWORD_CHANGED, Action.EMAIL_CHANGED,
)  # fmt: skip


class SecurityView(IndexView):
    """At a glance: passkeys, second step, devices, the last sign-in."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        return {
            **super().get_context_data(**kwargs),
            "session_count": UserSession.objects.filter(user=user).count(),
            "last_sign_in": _rows_about(user).filter(action=Action.SIGNED_IN).first(),
        }


def _rows_about(user: User) -> QuerySet[AccessRecord]:
    return AccessRecord.objects.filter(object_kind="user", object_id=str(user.pk))


@require_safe
def sign_ins(request: HttpRequest) -> HttpResponse:
    """When and how somebody came in, or tried to; and what changed about the account's protection."""
    user: Any = request.user  # never anonymous here
    pages = Paginator(_rows_about(user).filter(action__in=HISTORY), AT_ONCE)
    page = pages.get_page(request.GET.get("page"))
    return render(
        request, "account/sign_ins.html", {"page": page, "page_range": pages.get_elided_page_range(page.number)}
    )


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one device out, from wherever one is."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    sign_in.note(Action.SESSION_ENDED, user=session.user, by=session.user, device=devices.in_words(session.user_agent))
    end_sessions(request, [session])
    messages.success(request, "That device is signed out.")
    return redirect("usersessions_list")


@require_safe
def second_factor_required(request: HttpRequest) -> HttpResponse:
    """All that somebody sees who must have a second factor and has none."""
    if second_factor.has(request.user) or not second_factor.must_have(request.user):
        return redirect("mfa_index")
    return render(request, "mfa/required.html")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def agree_to_email(request: HttpRequest, seal: str) -> HttpResponse:
    """The present address is asked whether another one may take its place. Whoever reads its mail may answer."""
    change = email_change.opened(seal)
    if change is None or request.method != "POST":
        return render(request, "account/email_agree.html", {"change": change}, status=200 if change else 404)
    if not email_change.agree(seal=seal, change=change, request=request):
        return render(request, "account/email_agree.html", {"change": None}, status=404)
    return render(request, "account/email_agreed.html", {"change": change})
