"""The search page, and titles while somebody types. A visitor's answer is the same for every visitor; a member's is the
member's own."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import InvalidPage, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from members import limits
from portal.forms import SearchForm
from portal.page_cache import public_view
from portal.search import facets, find, guesses, wanted
from portal.search.interface import TakesTooLong
from portal.search.query import Query
from portal.search.results import finds_of
from portal.services import search_misses

PER_PAGE = 10
BUSY = "You have searched very often in the last minute. Please try again {when}."
TOO_LONG = "That took too long to look for. Please ask with one more word, or with a rarer one."
CUT = "A search takes twelve words at most: the first twelve count, and the others were left out."
LONGEST_BEGINNING = 100  # characters


@login_not_required
@public_view
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET if "q" in request.GET else None)
    found: dict[str, Any] = {}
    status = 200
    if form.is_valid():
        if limits.allows(request, "search"):
            try:
                found = _found(request, form.cleaned_data["q"])
            except InvalidPage:
                status = 404
                found = {"first_page": _first_page(request, form.cleaned_data["q"])}
            except TakesTooLong:
                status = 503
                form.add_error("q", TOO_LONG)
        else:
            status = 429
            form.add_error("q", BUSY.format(when=limits.when(request)))
    context = {"form": form, "omit_search": True, "suggest_url": reverse("search_suggest"), **found}
    return render(request, "pages/search.html", context, status=status)


def _first_page(request: HttpRequest, query: Query) -> str:
    return facets.Address(query.typed, wanted.understood(request.GET)).with_()


def _found(request: HttpRequest, query: Query) -> dict[str, Any]:
    """Raises InvalidPage, `TakesTooLong`."""
    asked = wanted.understood(request.GET)
    found = find.found(query, request.user, asked)
    paginator = Paginator(found.hits, PER_PAGE)
    page = paginator.page(request.GET.get("page", 1))
    address = facets.Address(query.typed, asked)
    context = {
        "page": page,
        "page_range": paginator.get_elided_page_range(page.number),
        "finds": finds_of(list(page.object_list), query, found.visible),
        "found": found,
        "asked": query.typed,
        "address": address,
        "left_out": [*asked.left_out, *([CUT] if query.is_cut else ())],
        "filters_on": facets.filters_on(found, address),
    }
    if found.hits:
        return context | {"facets": facets.facets(found, address)}
    if not asked.filters:
        search_misses.note(query=query)
    meant = ""
    with suppress(TakesTooLong):
        meant = guesses.meant(query, request.user)
    return context | {"meant": meant, "meant_url": facets.Address(meant, asked).with_() if meant else ""}


@login_not_required
@public_view
@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    if not limits.allows(request, "suggest"):
        return JsonResponse({"suggestions": []}, status=429)
    found: list[guesses.Suggestion] = []
    with suppress(TakesTooLong):
        found = guesses.suggestions(request.GET.get("q", "")[:LONGEST_BEGINNING], request.user)
    return JsonResponse({"suggestions": [{"title": each.title, "url": each.url, "kind": each.kind} for each in found]})
