"""The member's own first page: where they stand, what is new, how the account is protected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fileshare.models import SharedDocument
from portal.models.pages import NEWEST_PAPERS

if TYPE_CHECKING:
    from fileshare.views.types import SignedInRequest


@require_safe
def show(request: SignedInRequest) -> HttpResponse:
    papers = SharedDocument.objects.visible_to(request.user).with_facts().newest_first()
    return render(
        request,
        "members/overview.html",
        {
            "membership": request.user.current_membership,
            "newest_papers": list(papers[:NEWEST_PAPERS]),
            "security": {"has_second_factor": is_mfa_enabled(request.user)},
        },
    )
