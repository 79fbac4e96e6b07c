"""Combinations of settings that would leak or lose: found by `manage.py check`, before anybody is harmed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 -- Django's name
from django.db import connection

NO_SCANNER = "gatehouse.W001"
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1", "testserver"}


def _lies_under(inner: str, outer: str) -> bool:
    return Path(inner).resolve().is_relative_to(Path(outer).resolve())


@register(Tags.security)
def private_files_are_apart(**kwargs: Any) -> list[CheckMessage]:
    """Private files must not lie in a folder that the web server hands out, nor the other way round."""
    private = settings.STORAGES["default"]["OPTIONS"].get("location")
    public = [settings.STORAGES["public"]["OPTIONS"]["location"], settings.STATIC_ROOT]
    if private and any(_lies_under(private, folder) or _lies_under(folder, private) for folder in public):
        return [Error("The private files and the public files share a folder.", id="gatehouse.E001")]
    return []


@register(Tags.security)
def debug_stays_at_home(**kwargs: Any) -> list[CheckMessage]:
    """Django's debugging pages show settings and data: only on the machine's own address."""
    if settings.DEBUG and not set(settings.ALLOWED_HOSTS) <= LOOPBACK:
        return [Error("DEBUG is on while the site answers to a public host.", id="gatehouse.E002")]
    return []


@register(Tags.security)
def allauth_alone_signs_in(**kwargs: Any) -> list[CheckMessage]:
    """A second authentication backend is a way in that knows no limits and no second factor."""
    if settings.AUTHENTICATION_BACKENDS != ["members.auth_backends.AuthenticationBackend"]:
        return [Error("AUTHENTICATION_BACKENDS must hold our own alone, which is allauth's.", id="gatehouse.E003")]
    return []


@register(Tags.caches, deploy=True)
def limits_are_shared(**kwargs: Any) -> list[CheckMessage]:
    """Sign-in limits live in the cache: a cache in the process's memory, or none, is no limit."""
    backend = settings.CACHES["default"]["BACKEND"].rsplit(".", 1)[-1]
    if backend in ("LocMemCache", "DummyCache"):
        return [Error("The cache is not shared between processes, so limits do not hold.", id="gatehouse.E004")]
    return []


@register(Tags.security, deploy=True)
def files_are_scanned(**kwargs: Any) -> list[CheckMessage]:
    """A site without a virus scanner hands on what its inspection does not know: somebody should have meant that."""
    if settings.CLAMD_URL or settings.DEMO_ALLOWED:
        return []
    return [
        Warning(
            "There is no virus scanner: files are judged by what they are, and active PDFs are held.",
            hint="Set CLAMD_URL to where clamd listens (docs/operator.md).",
            id=NO_SCANNER,
        )
    ]


@register(Tags.database)
def groups_that_need_a_second_factor_exist(**kwargs: Any) -> list[CheckMessage]:
    """A name in MFA_GROUPS that no group has protects nobody, and nobody would notice.

    Asked by `migrate` and by `check --database default`; a new database, without tables yet, has no groups to name.
    """
    if not kwargs.get("databases") or Group._meta.db_table not in connection.introspection.table_names():
        return []
    known = set(Group.objects.filter(name__in=settings.MFA_GROUPS).values_list("name", flat=True))
    return [
        Error(
            f"MFA_GROUPS names “{name}”, and there is no group of this name.",
            hint="Spell it as in the administration, under Settings → Groups, or make the group there.",
            id="gatehouse.E005",
        )
        for name in settings.MFA_GROUPS
        if name not in known
    ]
