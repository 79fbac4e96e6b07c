"""Looking after comments in Wagtail's administration: letting them appear and taking them down, one or many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString, mark_safe
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets import HeaderButton, ListingButton
from wagtail.permissions import policy_registry
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction
from wagtail.snippets.views import snippets
from wagtail.snippets.views.snippets import SnippetViewSet

from members.wagtail_decide_many import AsShown
from members.wagtail_filters import StrictFilters
from members.wagtail_policy import OnlyPolicy
from portal.models import Comment, CommentState
from portal.services import comments as services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import QuerySet

    from members.models import User

PERMISSION = "portal.change_comment"


def may_moderate(user: User) -> bool:
    return user.has_perm(PERMISSION)


def _buttons(comment: Any) -> list[tuple[str, str, str]]:
    """What can be decided about a comment `with_reports`: label, icon, address."""
    on_offer = list[tuple[str, str, str]]()
    if comment.state in (CommentState.HELD, CommentState.REMOVED) or comment.open_reports:
        on_offer.append(("approve", "Leave it on the site" if comment.appears else "Let it appear", "check"))
    if comment.state in (CommentState.HELD, CommentState.APPEARED):
        on_offer.append(("remove", "Take it down", "cross"))
    back = reverse("wagtailsnippets_portal_comment:list")
    address = {name: reverse("wagtail_bulk_action", args=["portal", "comment", name]) for name, _, _ in on_offer}
    return [(label, icon, f"{address[name]}?id={comment.pk}&next={back}") for name, label, icon in on_offer]


class CommentFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(label="Where it stands", choices=CommentState.choices)
    is_reported = django_filters.BooleanFilter(
        label="Reported by members",
        method="filter_reported",
        widget=forms.RadioSelect(choices=[("", "All"), ("true", "Yes"), ("false", "No")]),
    )

    class Meta:
        model = Comment
        fields = ["state", "is_reported"]

    def filter_reported(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return queryset.filter(open_reports__gt=0) if value else queryset.filter(open_reports=0)


class CommentIndexView(StrictFilters, snippets.IndexView):
    """The newest first; each row's menu has what can be decided about it."""

    default_ordering = "-created_at"

    def get_base_queryset(self) -> QuerySet[Comment]:
        return with_reports(Comment.objects.select_related("author", "post"))

    def get_list_buttons(self, instance: Comment) -> list[Any]:
        buttons = super().get_list_buttons(instance)
        if not may_moderate(self.request.user):
            return list(buttons)
        own = [
            ListingButton(label, url=address, icon_name=icon, priority=place)
            for place, (label, icon, address) in enumerate(_buttons(instance))
        ]
        return [*own, *buttons]

    def get_edit_url(self, instance: Comment) -> None:
        """Nobody changes a member's words; a row leads to the comment with its facts."""


def with_reports(queryset: QuerySet[Comment]) -> QuerySet[Any]:
    """Each with `open_reports`: how many members' reports nobody has looked at."""
    return queryset.annotate(open_reports=Count("reports", filter=Q(reports__settled_at=None)))


class CommentInspectView(snippets.InspectView):
    """One comment whole, with what was said against it."""

    def get_object(self, queryset: QuerySet[Comment] | None = None) -> Any:
        found = super().get_object(queryset)
        return get_object_or_404(with_reports(Comment.objects.select_related("author", "post")), pk=found.pk)

    @property
    def header_buttons(self) -> list[HeaderButton]:
        if not may_moderate(self.request.user):
            return []
        return [HeaderButton(label, url=address, icon_name=icon) for label, icon, address in _buttons(self.object)]

    def get_field_label(self, field_name: str, field: Any) -> str:
        words = {"author": "Who", "post": "On the post", "parent": "Answer to", "reports": "Reports", "text": "Comment"}
        return words.get(field_name) or super().get_field_label(field_name, field)

    def get_field_display_value(self, field_name: str, field: Any) -> Any:
        value = super().get_field_display_value(field_name, field)
        return "–" if value in (None, "") else value

    def get_author_display_value(self) -> str:
        return (
            f"{self.object.author_name} ({self.object.author.email})" if self.object.author else self.object.author_name
        )

    def get_text_display_value(self) -> SafeString:
        return mark_safe(linebreaks(self.object.text, autoescape=True)) if self.object.text else mark_safe("–")  # noqa: S308

    def get_post_display_value(self) -> SafeString:
        return format_html('<a href="{}">{}</a>', self.object.get_absolute_url(), self.object.post.title)

    def get_reports_display_value(self) -> str:
        reports = self.object.reports.select_related("by").order_by("created_at")
        rows = ((each.by, each.reason, " (settled)" if each.settled_at else "") for each in reports)
        return format_html_join(mark_safe("<br>"), "{}: {}{}", rows) or "None"


class CommentViewSet(SnippetViewSet):
    """Seen by whoever may moderate; the words themselves are never edited."""

    model = Comment
    icon = "comment"
    menu_label = "Comments"
    index_view_class = CommentIndexView
    inspect_view_class = CommentInspectView
    inspect_view_enabled = True
    inspect_view_fields = [
        "text", "author", "post", "parent", "state", "held_because", "removed_because", "created_at", "edited_at",
        "reports",
    ]  # fmt: skip
    copy_view_enabled = False
    filterset_class = CommentFilterSet
    list_display = [
        "excerpt",
        Column("author_name", label="Who"),
        Column("post", label="Post"),
        Column("get_state_display", label="Where it stands", sort_key="state"),
        Column("open_reports", label="Reports", sort_key="open_reports"),
        DateColumn("created_at", label="Written", sort_key="created_at"),
    ]
    list_per_page = 50
    search_fields = ["text"]
    search_backend_name = None
    exclude_form_fields = ["mailed_at"]

    def register_chooser_viewset(self) -> None:
        """Nothing chooses a comment, and a list to choose from would show it to whoever enters the administration."""


class RemoveForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=200, help_text="The comment's author reads it.")


class _Moderation(AsShown, SnippetBulkAction):
    """A decision about some comments; those that it does not fit are passed over and counted."""

    models = [Comment]
    template_name = "wagtailadmin/comments/decide.html"
    service: Callable[..., Comment]
    question = done = ""

    def check_perm(self, comment: Comment) -> bool:
        return may_moderate(self.request.user)

    def get_all_objects_in_listing_query(self, parent_id: str | None) -> QuerySet[Any]:
        """“All” is all that wait: a whole site's comments are never decided about at once."""
        return Comment.objects.filter(state=CommentState.HELD).values_list("pk", flat=True)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "question": self.question, "label": self.display_name}

    def get_execution_context(self) -> dict[str, Any]:
        facts = self.cleaned_form.cleaned_data if self.cleaned_form else {}
        return {"by": self.request.user, "service": type(self).service, "facts": facts}

    @classmethod
    def execute_action(
        cls,
        objects: Iterable[Comment],
        *,
        by: User,
        service: Callable[..., Comment],
        facts: dict[str, Any],
        **kwargs: Any,
    ) -> tuple[int, int]:
        done = passed_over = 0
        for comment in objects:
            try:
                service(comment=comment, by=by, **facts)
            except ValidationError:
                passed_over += 1
            else:
                done += 1
        return done, passed_over

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        said = f"{num_parent_objects} comment{'' if num_parent_objects == 1 else 's'} {self.done}."
        return f"{said} {num_child_objects} had been withdrawn by the author." if num_child_objects else said


class ApproveComments(_Moderation):
    display_name, action_type = "Let appear", "approve"
    aria_label = "Let the selected comments appear"
    action_priority = 10
    service = staticmethod(services.approve)
    question, done = "Everybody who may read the comments of the post will read these words.", "on the site"


class RemoveComments(_Moderation):
    display_name, action_type = "Take down", "remove"
    aria_label = "Take the selected comments down"
    action_priority = 20
    classes = {"serious"}
    form_class = RemoveForm
    service = staticmethod(services.remove)
    question, done = "Nobody but the author will see these words, with the reason.", "taken down"


def register_policy() -> None:
    """Comments are written on the site, and decided about here."""
    policy_registry.register(Comment, OnlyPolicy(Comment, "view"), exact_class=True)
