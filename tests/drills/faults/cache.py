"""The shared cache: Redis, whatever the site has beside it."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import redis
from django.conf import settings
from django.core.cache import caches
from django.test import override_settings

from deploy.processes import free_port
from tests.drills.faults import AT_ONCE, NotHere, servers


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


def _answers(port: int) -> bool:
    """With whatever. That the port is open says too little: Redis opens it before it reads what it was started with."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as asks:
        asks.sendall(b"PING\r\n")
        return asks.recv(1) != b""
    return False


@contextmanager
def _real(*options: str) -> Iterator[redis.Redis]:
    """A server of its own with these options, and somebody who may ask it."""
    if not shutil.which("redis-server"):
        raise NotHere
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            while not _answers(port):
                assert server.poll() is None, options
            with _redis_at(port), redis.Redis(port=port) as asks:
                yield asks
        finally:
            server.kill()


@contextmanager
def cache_away() -> Iterator[None]:
    with _redis_at(free_port()):
        yield


@contextmanager
def cache_hangs() -> Iterator[None]:
    with servers.silent() as port, _redis_at(port):
        yield


@contextmanager
def cache_only_reads() -> Iterator[None]:
    """A replica whose first server is gone."""
    with _real("--replicaof", "127.0.0.1", "1"):
        yield


@contextmanager
def cache_full() -> Iterator[None]:
    with _real("--maxmemory", "1", "--maxmemory-policy", "noeviction"):
        yield


@contextmanager
def cache_wants_a_password() -> Iterator[None]:
    with _real("--requirepass", "another"):
        yield


@contextmanager
def cache_forbids_writing() -> Iterator[None]:
    with _real("--user", "default", "on", "nopass", "~*", "&*", "+@all", "-@write"):
        yield


@contextmanager
def cache_has_no_connection_left() -> Iterator[None]:
    with _real("--maxclients", "1") as asks:
        asks.ping()
        yield


def _saying(talk: Callable[..., None]) -> Callable[[], Any]:
    @contextmanager
    def fault() -> Iterator[None]:
        with servers.talking(talk) as port, _redis_at(port):
            yield

    return fault


cache_loads = _saying(servers.redis(b"-LOADING Redis is loading the dataset in memory\r\n"))
cache_cannot_save = _saying(servers.redis(b"-MISCONF Redis is configured to save RDB snapshots, but cannot.\r\n"))
cache_breaks_off = _saying(servers.redis(b"$5\r\nab", then_hangs_up=True))
cache_hangs_up = _saying(servers.hang_up)
cache_is_something_else = _saying(servers.web_server)
cache_has_values_of_others = _saying(servers.redis_with_values_of_others)
