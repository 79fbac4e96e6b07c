"""The directory of members, for members; and the own entry in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from members import directory
from members.models import Profile
from members.own_forms import DirectoryEntryForm, DirectorySearchForm
from members.services import details

if TYPE_CHECKING:
    from members.views.types import SignedInRequest

# The numbers in the links from page to page. Whoever could ask for others' would learn where in the alphabet stands
# somebody who is not listed.
PLACES = Signer(salt="members.directory", sep="~")


def _members_only(request: SignedInRequest) -> None:
    """For everybody but current members there is no directory."""
    if not request.user.is_current_member:
        raise Http404("No directory.")


def _place(signed: str) -> int:
    """The number in a link of ours; of any other there is no page."""
    try:
        return int(PLACES.unsign(signed))
    except BadSignature as error:
        raise Http404("No such page.") from error


@require_safe
def show(request: SignedInRequest) -> HttpResponse:
    _members_only(request)
    form = DirectorySearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    keys = {name: _place(request.GET[name]) for name in ("after", "before") if name in request.GET}
    leaf = directory.leaf(directory.matching(directory.entries(), text), **keys)

    def address(name: str, key: int | None) -> str:
        if key is None:
            return ""
        place = (name, PLACES.sign(str(key)))
        return f"?{urlencode([('q', text), place] if text else [place])}"

    return render(
        request,
        "members/directory.html",
        {
            "form": form,
            "asked": text,
            "entries": leaf.entries,
            "before": address("before", leaf.before),
            "after": address("after", leaf.after),
            "own": Profile.objects.filter(user=request.user).first(),
        },
        status=400 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: SignedInRequest) -> HttpResponse:
    """The own entry, with what others see of it."""
    _members_only(request)
    profile = Profile.objects.with_people().filter(user=request.user).first() or Profile(user=request.user)
    form = DirectoryEntryForm(request.POST or None, instance=Profile(**_copy(profile)))
    if form.is_valid():
        try:
            saved = details.change_directory_entry(user=request.user, entry=form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            listed = "Your entry is in the directory." if saved.is_listed else "You are not in the directory."
            messages.success(request, f"It is saved. {listed}")
            return redirect("members:directory_entry")
    status = 400 if form.errors else 200
    return render(request, "members/directory_entry.html", {"form": form, "entry": profile}, status=status)


def _copy(profile: Profile) -> dict[str, object]:
    """For the form, which writes into what it is given: the page goes on to show what others see now."""
    return {"user": profile.user, **{name: getattr(profile, name) for name in DirectoryEntryForm.Meta.fields}}
