"""What the worker does for the file share. A task takes ids, may run twice, and calls a service."""

from __future__ import annotations

from django_tasks import task

from fileshare.services import inspect


@task()
def inspect_version(version_id: int) -> None:
    inspect.inspect(version_id=version_id)
