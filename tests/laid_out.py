"""What many tests begin with, made once for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def laid_out(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """For a fixture of a wider scope: each test's own changes are rolled back to here, and at the end all of it is.

    The tests share a process (`xdist_group`), and ask for `db` after the fixture.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
