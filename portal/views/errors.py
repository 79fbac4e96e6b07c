"""Refusals that Django words for developers, worded for people."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is missing or old: the page says how to go on, and what was typed is one step back."""
    return render(request, "403_csrf.html", status=403)
