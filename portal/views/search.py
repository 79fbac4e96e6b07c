"""The search page: the same for every reader, so that nothing has to be hidden from anybody."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members import limits
from portal import search
from portal.forms import SearchForm
from portal.page_cache import public_view

PER_PAGE = 10
BUSY = "You have searched very often in the last minute. Please try again {when}."


@login_not_required
@public_view
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET if "q" in request.GET else None)
    found: dict[str, Any] = {}
    if form.is_valid():
        if limits.allows(request, "search"):
            found = _found(request, form.cleaned_data["q"])
        else:
            form.add_error("q", BUSY.format(when=limits.when(request)))
    status = 429 if limits.is_reached(request) else 200
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
