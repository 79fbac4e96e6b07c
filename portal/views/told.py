"""What mail to get, signed in or by a link in a mail; stopping it; the list of what is new; the private feed."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import limits
from members.keys import as_key
from members.models import User
from portal import bell, private_feed
from portal.models import Announcement, Listener, Pace
from portal.notifications import audience, links
from portal.services import preferences, subscribe
from portal.told_forms import PreferencesForm, SubscriptionForm

if TYPE_CHECKING:
    from fileshare.views.types import SignedInRequest

SAVED = "It is saved. This is the mail that you get from now on."
PRIVATE = "private, no-store"


def _shown(request: HttpRequest, template: str, *, status: int = 200, **words: Any) -> HttpResponse:
    """A page for nobody else's eyes."""
    response = render(request, template, words, status=status)
    response["Cache-Control"] = PRIVATE
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: SignedInRequest) -> HttpResponse:
    form = PreferencesForm(request.POST or None, user=request.user, with_folders=True)
    if form.is_valid():
        preferences.choose(user=request.user, **form.chosen())
        messages.success(request, SAVED)
        return redirect("members:mail")
    return _shown(
        request, "members/mail.html", form=form, feed=_feed_address(request.user), is_refused=_is_refused(request.user),
        status=400 if form.errors else 200,
    )  # fmt: skip


def _is_refused(user: User) -> bool:
    """Whether the mail server has said for good that nothing arrives at the person's address."""
    refused = audience.refused_address("email", "listener__heard_since")
    return User.objects.filter(refused, pk=user.pk).exists()


def _feed_address(user: User) -> str:
    listener = Listener.objects.filter(user=user).exclude(feed_key="").first()
    return links.address("private_feed", links.feed_token(listener)) if listener else ""


@require_POST
def feed(request: SignedInRequest) -> HttpResponse:
    """Make the private feed's address, anew where there is one, or close it."""
    if "close" in request.POST:
        preferences.close_feed(user=request.user)
        messages.success(request, "Your feed is closed; its address opens nothing any more.")
    else:
        preferences.make_feed(user=request.user)
        messages.success(request, "Your feed has a new address; a former one opens nothing any more.")
    return redirect("members:mail")


@login_not_required  # the link in a mail opens this one page
@require_http_methods(["GET", "HEAD", "POST"])
def choose_by_link(request: HttpRequest, token: str) -> HttpResponse:
    person = links.whose(token, links.CHOOSE, within=links.CHOOSE_FOR)
    if person is None:
        return _shown(request, "pages/told_no_link.html", status=404)
    if isinstance(person, User):
        return _choose_of_member(request, person)
    form = SubscriptionForm(request.POST or None, initial={"pace": str(person.pace)})
    if form.is_valid():
        pace = Pace(form.cleaned_data["pace"])
        if pace == Pace.NEVER:
            preferences.stop(person=person)
            return _shown(request, "pages/told_stopped.html", is_member=False)
        subscribe.confirm(subscriber=person, pace=pace)
        messages.success(request, SAVED)
        return redirect(request.path)
    return _shown(request, "pages/told_choose.html", form=form, status=400 if form.errors else 200)


def _choose_of_member(request: HttpRequest, person: User) -> HttpResponse:
    form = PreferencesForm(request.POST or None, user=person, with_folders=False)
    if form.is_valid():
        preferences.choose(user=person, **form.chosen())
        messages.success(request, SAVED)
        return redirect(request.path)
    return _shown(request, "pages/told_choose.html", form=form, is_member=True, status=400 if form.errors else 200)


@csrf_exempt  # a mail program sends it by itself, with nothing but the address (RFC 8058, section 3.2)
@login_not_required  # as above
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop with one click; to be read is no click. What a link belonged to may have ended since, be it by an earlier
    click: then nothing is stopped, and the page says so, for its reader may have subscribed again."""
    if not links.is_ours(token, links.STOP):
        return _shown(request, "pages/told_no_link.html", status=404)
    person = links.whose(token, links.STOP)
    if person is None:
        return _shown(request, "pages/told_ended.html")
    is_member = isinstance(person, User)
    if request.method == "POST":
        preferences.stop(person=person)
        return _shown(request, "pages/told_stopped.html", is_member=is_member)
    return _shown(request, "pages/told_stop.html", is_member=is_member)


@require_safe
def news(request: SignedInRequest) -> HttpResponse:
    """What came out lately, as far as this member may read it."""
    if not request.user.is_current_member:
        raise Http404("For members.")
    before = None
    if "before" in request.GET:
        visible = Announcement.objects.visible_to(request.user)
        before = get_object_or_404(visible, pk=as_key(request.GET["before"]) or 0)
    return _shown(request, "members/news.html", page=bell.page_of(request.user, before), now=timezone.now())


@require_POST
def seen(request: SignedInRequest) -> HttpResponse:
    try:
        until = parse_datetime(request.POST.get("until", ""))
    except ValueError:
        until = None
    if until is None or timezone.is_naive(until):
        until = timezone.now() - datetime.timedelta(seconds=1)
    preferences.has_seen(user=request.user, until=until)
    return redirect("members:news")


@login_not_required  # feed readers do not sign in: the address is the key
@require_safe
def read_feed(request: HttpRequest, token: str) -> HttpResponse:
    user = links.whose_feed(token)
    if user is None or not user.is_current_member:
        raise Http404("No such feed.")
    if not limits.allows(request, "private_feed", key=str(user.pk)):
        return HttpResponse("Too often. Please try again later.", status=429, content_type="text/plain")
    response = HttpResponse(private_feed.written(user), content_type="application/atom+xml; charset=utf-8")
    response["Cache-Control"] = PRIVATE
    return response
