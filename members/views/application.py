"""Where the own application stands: to look at, to answer, to withdraw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from members.apply_forms import AnswerForm
from members.enums import ApplicationState, EntryKind
from members.models import Application
from members.services import apply as services
from members.views.apply import shown

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

STEPS = {
    ApplicationState.NEW: 1,
    ApplicationState.REVIEW: 2,
    ApplicationState.ASKED: 2,
    ApplicationState.APPROVED: 3,
    ApplicationState.DECLINED: 3,
}


def _own(request: HttpRequest) -> Application:
    """The newest one, which alone can be open."""
    found = Application.objects.received().filter(user=request.user.pk).order_by("-applied_at", "-pk").first()
    if found is None:
        raise Http404("No application.")
    return found


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    if not Application.objects.received().filter(user=request.user.pk).exists():
        return redirect("members:apply")
    return _page(request, _own(request), AnswerForm())


@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    application, form = _own(request), AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, application, form, status=400)
    try:
        services.answer(application=application, text=form.cleaned_data["text"])
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, _own(request), form, status=400)
    return redirect("members:application")


@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    application, form = _own(request), AnswerForm()
    try:
        services.withdraw(application=application)
    except ValidationError as error:
        return _page(request, application, form, status=400, trouble=" ".join(error.messages))
    return redirect("members:application")


def _page(
    request: HttpRequest, application: Application, form: AnswerForm, *, status: int = 200, trouble: str = ""
) -> HttpResponse:
    """Without the secretaries' notes, which are not asked for in the first place."""
    return shown(
        request,
        "application",
        application=application,
        entries=list(application.entries.exclude(kind=EntryKind.NOTE)),
        step=STEPS.get(ApplicationState(application.state), 0),
        form=form,
        trouble=trouble,
        status=status,
    )
