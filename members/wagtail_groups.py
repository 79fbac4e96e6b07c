"""Groups in Wagtail's administration: what changes in what a group may do is a row of the access record.

Wagtail adds permissions in bulk, which no signal tells.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from wagtail.models import GroupCollectionPermission, GroupPagePermission
from wagtail.users.forms import GroupForm
from wagtail.users.views.bulk_actions import SetActiveStateBulkAction
from wagtail.users.views.groups import CreateView, EditView, GroupViewSet

from members import audit
from members.enums import Action
from members.models import User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse


def _allowed(group: Group) -> set[str]:
    """What members of the group may do, each as a phrase with the numbers of folders and pages (a folder's name may
    not be known to whoever reads the record)."""
    anywhere = group.permissions.values_list("content_type__app_label", "codename")
    folders = GroupCollectionPermission.objects.filter(group=group).values_list("permission__codename", "collection")
    pages = GroupPagePermission.objects.filter(group=group).values_list("permission__codename", "page")
    return {
        *(f"{label}.{codename}" for label, codename in anywhere),
        *(f"{codename} in folder no. {number}" for codename, number in folders),
        *(f"{codename} below page no. {number}" for codename, number in pages),
    }


@contextmanager
def recording(group: Group, *, by: User) -> Iterator[None]:
    """Whatever happens inside to the group's permissions is one row, in the same transaction."""
    before = _allowed(group) if group.pk else set()
    with transaction.atomic():
        yield
        after = _allowed(group) if group.pk else set()
        if before != after:
            audit.record(
                Action.GROUP_CHANGED, actor=by, object_kind="group", object_id=group.pk,
                given=sorted(after - before), taken=sorted(before - after),
            )  # fmt: skip


class _Recorded:
    def process_form(self) -> HttpResponse:
        view: Any = self
        with recording(view.object, by=view.request.user):
            answer: HttpResponse = super().process_form()  # type: ignore[misc]  # of the view beside it
        return answer


class RecordedCreateView(_Recorded, CreateView):
    """Wagtail's form of a new group."""


class RecordedEditView(_Recorded, EditView):
    """Wagtail's form of a group."""


class NamedGroupForm(GroupForm):
    def clean_name(self) -> str:
        """Under another name the group would be no longer the one that the setting names."""
        name: str = super().clean_name()
        former = self.initial.get("name")
        if former in settings.MFA_GROUPS and name != former:
            raise ValidationError(
                "The setting MFA_GROUPS names this group: its members must have a second step. Ask whoever runs the "
                "site to change the setting before the group is renamed."
            )
        return name


class RecordedGroupViewSet(GroupViewSet):
    add_view_class = RecordedCreateView
    edit_view_class = RecordedEditView

    def get_form_class(self, for_update: bool = False) -> type[GroupForm]:
        return NamedGroupForm


class SwitchAccountsBulkAction(SetActiveStateBulkAction):
    """Wagtail's own updates all accounts at once, without the signal that `members.receivers` records."""

    @classmethod
    def execute_action(
        cls, objects: list[User], mark_as_active: bool = False, user: User | None = None, **kwargs: Any
    ) -> tuple[int, int]:
        switched = [person for person in objects if user is None or person.pk != user.pk]
        with transaction.atomic():
            for person in switched:
                person.is_active = mark_as_active
                person.save(update_fields=["is_active"])
        return len(switched), 0
