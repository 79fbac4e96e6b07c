"""Sessions in the database, as Django keeps them; the question for one, which most requests ask, is worded once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from members.worded import Worded

if TYPE_CHECKING:
    from django.contrib.sessions.base_session import AbstractBaseSession

NO_KEY = "the key of a session"


@functools.lru_cache(maxsize=1)
def _question(model: Any) -> Worded:
    now, fields = timezone.now(), model._meta
    found = model.objects.filter(session_key=NO_KEY, expire_date__gt=now)
    return Worded(
        found.values_list("session_key", "session_data", "expire_date"),
        key=(fields.get_field("session_key"), NO_KEY),
        now=(fields.get_field("expire_date"), now),
    )


class SessionStore(DatabaseStore):
    """Django's own."""

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        found = _question(self.model).first(key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key = None
            return None
        key, data, expires = found
        session: AbstractBaseSession = self.model(session_key=key, session_data=data, expire_date=expires)
        return session
