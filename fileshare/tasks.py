"""What the worker does for the file share. A task takes ids, may run twice, and calls a service."""

from __future__ import annotations

from django_tasks import task

from fileshare.services import acknowledge, derive, inspect, rescan

SOON, ONE_OF_MANY = 10, -30  # somebody waits for it; it came with hundreds of others, and nobody stands by


@task(priority=SOON)
def inspect_version(version_id: int) -> None:
    """And then have its text and preview made; also where a worker was killed between the two."""
    inspect.inspect(version_id=version_id)
    if derive.is_wanted(version_id=version_id):
        derive_version.enqueue(version_id)


@task(priority=SOON)
def derive_version(version_id: int) -> None:
    derive.derive(version_id=version_id)


@task(priority=-50)  # whatever comes in goes before
def scan_again() -> None:
    """A share of the files that were not scanned with the scanner's newest signatures."""
    rescan.share()


@task()
def remind_members(document_id: int, by_id: int) -> None:
    acknowledge.remind(document_id=document_id, by_id=by_id)
