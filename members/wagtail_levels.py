"""Levels of membership in Wagtail's administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.snippets.views import snippets
from wagtail.snippets.views.snippets import SnippetViewSet

from members.models import Membership, MembershipLevel
from members.services import level as services

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model
    from django.http import HttpRequest, HttpResponse


class LevelForm(WagtailAdminModelForm):  # type: ignore[misc]  # Wagtail has no types
    """What cannot be a level's group is said by its field."""

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        if "group" in facts and facts.get("name"):
            services.check_group(facts["name"], facts["group"])
        return facts


class _Saved:
    """Through the service, which makes the group and writes into the record."""

    def save_instance(self) -> MembershipLevel:
        view: Any = self
        return services.save(level=view.form.save(commit=False), by=view.request.user)


class LevelCreateView(_Saved, snippets.CreateView):
    """A new level."""


class LevelEditView(_Saved, snippets.EditView):
    """A level, its group and its days of grace."""


class LevelDeleteView(snippets.DeleteView):
    """Only a level that nobody has."""

    def form_valid(self, form: Any) -> HttpResponse:
        refusal = _refusal(self.request, [self.object])
        answer: HttpResponse = refusal or super().form_valid(form)
        return answer


def keep_levels_in_use(request: HttpRequest, action: str, objects: Sequence[Model], view: Any) -> HttpResponse | None:
    """A hook: Wagtail's bulk action deletes whatever is chosen, and would fail."""
    levels = [each for each in objects if isinstance(each, MembershipLevel)]
    return _refusal(request, levels) if action == "delete" else None


def _refusal(request: HttpRequest, levels: list[MembershipLevel]) -> HttpResponse | None:
    used = Membership.objects.filter(level__in=levels).select_related("level").order_by("level__order").first()
    if used is None:
        return None
    messages.error(request, f"Somebody has the level {used.level}. Give them another one first.")
    return redirect("wagtailsnippets_members_membershiplevel:list")


class MembershipLevelViewSet(SnippetViewSet):
    model = MembershipLevel
    icon = "group"
    list_display = ["name", "group", "grace_days", "order"]
    edit_handler = ObjectList(
        [FieldPanel("name"), FieldPanel("group"), FieldPanel("grace_days"), FieldPanel("order")],
        base_form_class=LevelForm,
    )
    add_view_class = LevelCreateView
    edit_view_class = LevelEditView
    delete_view_class = LevelDeleteView
