"""Questions about what a member may read, worded once for all members whom the policy words alike (`members.worded`).

The words depend on whether the person is in a group and on the level; who it is and what time it is have places. Only
for those of whom `access.reads_as_members_do` is true.
"""

from __future__ import annotations

import copy
import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from fileshare.models import SharedDocument
from members.models import User
from members.worded import NOBODY, Worded

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Field, QuerySet


class AskedAlike:
    """`rows` words the question for a person at a time; `places` are those of further values, as `Worded` has them."""

    def __init__(
        self,
        rows: Callable[[User, datetime.datetime], QuerySet[Any, Any]],
        **places: tuple[Field[Any, Any], object],
    ) -> None:
        self._rows, self._places = rows, places
        self._worded: dict[tuple[bool, int | None], Worded] = {}

    def first(self, user: User, **values: object) -> tuple[Any, ...] | None:
        return self._of(user).first(person=user.pk, now=timezone.now(), **values)

    def all(self, user: User, **values: object) -> list[tuple[Any, ...]]:
        return self._of(user).all(person=user.pk, now=timezone.now(), **values)

    def _of(self, user: Any) -> Worded:
        alike = (user.is_in_a_group, user.level_today)
        if alike not in self._worded:
            self._worded[alike] = self._worded_for(user)
        return self._worded[alike]

    def _worded_for(self, user: User) -> Worded:
        """With places for what differs from member to member."""
        anybody, now = copy.copy(user), timezone.now()
        anybody.pk = NOBODY
        moments = SharedDocument._meta.get_field("publish_at")
        return Worded(self._rows(anybody, now), person=(User._meta.pk, NOBODY), now=(moments, now), **self._places)
