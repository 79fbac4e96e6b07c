"""The search page: the same for every reader, so that nothing has to be hidden from anybody."""

from __future__ import annotations

from typing import Any

from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import search
from portal.forms import SearchForm
from portal.page_cache import public_view

PER_PAGE = 10
BUSY = "You have searched very often in the last minute. Please wait a little, and try again."


@login_not_required
@public_view
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET if "q" in request.GET else None)
    found: dict[str, Any] = {}
    if form.is_valid():
        # The public function of the same name lets every GET pass.
        if ratelimit.consume(request, app="allauth.account", action="search", limit_get=True):
            found = _found(request, form.cleaned_data["q"])
        else:
            form.add_error("q", BUSY)
    status = 429 if form.is_bound and BUSY in form.errors.get("q", ()) else 200
    return render(request, "pages/search.html", {"form": form, **found}, status=status)


def _found(request: HttpRequest, words: list[str]) -> dict[str, Any]:
    paginator = Paginator(search.keys_of(words), PER_PAGE)
    try:
        page = paginator.page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404("No such page.") from error
    return {
        "page": page,
        "page_range": paginator.get_elided_page_range(page.number),
        "finds": search.finds_of(list(page.object_list), words),
        "asked": " ".join(words),
    }
