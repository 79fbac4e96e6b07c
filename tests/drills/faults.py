"""Parts of the site that are away, hang, only read or are full: brought about, not made up, wherever the machine can.

Each is a context: what is done inside meets the fault. Whoever leaves finds everything as it was.
"""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.db import connection
from django.test import override_settings

from deploy.processes import free_port, is_open
from fileshare import object_storage
from fileshare.object_storage import PrivateObjectStorage
from fileshare.storage import PrivateFolderStorage

AT_ONCE = 0.2  # seconds, instead of those of the settings
IS_SQLITE = connection.vendor == "sqlite"


class NotHere(Exception):
    """This machine cannot have the fault."""


@contextmanager
def silent_server() -> Iterator[int]:
    """A port at which connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        yield listening.getsockname()[1]


# --- Database -----------------------------------------------------------------------------------------------------
def _anew() -> None:
    connection.close()
    if not IS_SQLITE:
        connection.close_pool()


@contextmanager
def _database_with(**changes: Any) -> Iterator[None]:
    """The same one, found otherwise."""
    before = dict(connection.settings_dict)
    _anew()
    connection.settings_dict.update(changes)
    try:
        yield
    finally:
        _anew()
        connection.settings_dict.update(before)


@contextmanager
def database_away() -> Iterator[None]:
    if IS_SQLITE:
        with _database_with(NAME="/nowhere/db.sqlite3"):
            yield
        return
    with _database_with(PORT=free_port(), OPTIONS=_impatient()):
        yield


@contextmanager
def database_hangs() -> Iterator[None]:
    """Somebody else holds what this one wants to write; or the server says nothing at all."""
    if IS_SQLITE:
        options = {**connection.settings_dict["OPTIONS"], "timeout": AT_ONCE}
        with _database_with(OPTIONS=options):
            holding = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
            holding.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                holding.close()
        return
    with silent_server() as port, _database_with(PORT=port, OPTIONS=_impatient()):
        yield


def _impatient() -> dict[str, Any]:
    options = connection.settings_dict["OPTIONS"]
    return {**options, "connect_timeout": 2, "pool": {**options["pool"], "timeout": AT_ONCE, "reconnect_timeout": 0}}


@contextmanager
def database_only_reads() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON" if IS_SQLITE else "SET default_transaction_read_only = on")
    try:
        yield
    finally:
        _anew()


# --- Cache --------------------------------------------------------------------------------------------------------
@contextmanager
def _redis_at(port: int) -> Iterator[None]:
    there = {
        "BACKEND": "portal.ops.shared_cache.RedisCache",
        "LOCATION": f"redis://127.0.0.1:{port}/0",
        "OPTIONS": {"socket_connect_timeout": AT_ONCE, "socket_timeout": AT_ONCE},
    }
    with override_settings(CACHES={**settings.CACHES, "default": there}):
        yield
    caches.close_all()


@contextmanager
def cache_away() -> Iterator[None]:
    with _redis_at(free_port()):
        yield


@contextmanager
def cache_hangs() -> Iterator[None]:
    with silent_server() as port, _redis_at(port):
        yield


@contextmanager
def cache_only_reads() -> Iterator[None]:
    """A replica whose first server is gone."""
    if not shutil.which("redis-server"):
        raise NotHere
    port = free_port()
    command = [
        "redis-server",
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--save",
        "",
        "--replicaof",
        "127.0.0.1",
        "1",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as replica:
        while not is_open(port):
            assert replica.poll() is None
        try:
            with _redis_at(port):
                yield
        finally:
            replica.kill()


# --- Store --------------------------------------------------------------------------------------------------------
@contextmanager
def _store(other: Any) -> Iterator[None]:
    before, default_storage._wrapped = default_storage._wrapped, other
    try:
        yield
    finally:
        default_storage._wrapped = before


@contextmanager
def _bucket_at(port: int) -> Iterator[None]:
    before = object_storage.CONNECT_WITHIN, object_storage.READ_WITHIN
    object_storage.CONNECT_WITHIN = object_storage.READ_WITHIN = AT_ONCE
    try:
        with _store(
            PrivateObjectStorage(
                bucket_name="papers", access_key="x", secret_key="x", region_name="x",
                endpoint_url=f"http://127.0.0.1:{port}",
            )
        ):  # fmt: skip
            yield
    finally:
        object_storage.CONNECT_WITHIN, object_storage.READ_WITHIN = before


@contextmanager
def store_away() -> Iterator[None]:
    with _bucket_at(free_port()):
        yield


@contextmanager
def store_hangs() -> Iterator[None]:
    with silent_server() as port, _bucket_at(port):
        yield


@contextmanager
def folder_away() -> Iterator[None]:
    """The disk is not where it was."""
    folder = Path(settings.PRIVATE_ROOT)
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


@contextmanager
def _disk(options: str) -> Iterator[Path]:
    """The store on a small file system of its own, which root alone can have."""
    place = Path(settings.DATA_DIR) / "disk"
    place.mkdir(exist_ok=True)
    used = sum(file.stat().st_size for file in Path(settings.PRIVATE_ROOT).rglob("*") if file.is_file())
    mount = ["mount", "-t", "tmpfs", "-o", f"size={2 * used + 8 * 1024 * 1024}", "tmpfs", place]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        raise NotHere
    try:
        subprocess.run(["cp", "-a", f"{settings.PRIVATE_ROOT}/.", place], check=True)
        if options:
            subprocess.run(["mount", "-o", f"remount,{options}", place], check=True)
        with _store(PrivateFolderStorage(location=str(place))):
            yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@contextmanager
def store_full() -> Iterator[None]:
    with _disk("") as place, (place / "filler").open("wb") as filler:
        with suppress(OSError):
            while filler.write(bytes(64 * 1024)):
                filler.flush()
        yield


@contextmanager
def store_only_reads() -> Iterator[None]:
    with _disk("ro"):
        yield


# --- Mail ---------------------------------------------------------------------------------------------------------
@contextmanager
def _mail_server_at(port: int) -> Iterator[None]:
    with override_settings(
        EMAIL_BACKEND="members.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_TIMEOUT=AT_ONCE
    ):
        yield


@contextmanager
def mail_away() -> Iterator[None]:
    with _mail_server_at(free_port()):
        yield


@contextmanager
def mail_hangs() -> Iterator[None]:
    with silent_server() as port, _mail_server_at(port):
        yield
