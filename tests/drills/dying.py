"""A process that is killed at a chosen point: before a statement, around a commit, between two pieces of a file.

The product has no code for this. A child of the tests counts each question that it puts to the database, each commit,
each step at the store, in a folder or at the mail server, and kills itself (SIGKILL: no `finally`, no farewell) when
the count says so. Without a point it runs to its end and says which points there were.
"""

from __future__ import annotations

import json
import os
import signal
import smtplib
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.files.storage import FileSystemStorage
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.chmod", "os.truncate", "subprocess.Popen"}
FOR_WRITING = os.O_WRONLY | os.O_RDWR
ASKING = ("SELECT", "PRAGMA", "EXPLAIN")


@dataclass(frozen=True)
class End:
    """How a child ended. `said` is what its act returned, None where it never came to that; `points` are known only
    of one that was not killed."""

    was_killed: bool
    said: Any = None
    points: tuple[str, ...] = ()

    @property
    def writing(self) -> list[int]:
        """The points, from 1 on, at which something was about to change."""
        return [number for number, name in enumerate(self.points, 1) if not name.startswith(ASKING)]


class Count:
    """Counts, in the child alone, and kills it at point number `at`."""

    def __init__(self, at: int) -> None:
        self._at, self._is_busy = at, False
        self.points: list[str] = []

    def point(self, name: str) -> None:
        if self._is_busy:
            return
        self.points.append(name)
        if len(self.points) == self._at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        connection.execute_wrappers.append(self._statement)
        for name in ("_commit", "_rollback"):
            self._around(BaseDatabaseWrapper, name)
        for name in ("_save", "delete"):
            self._around(FileSystemStorage, name)
        for name in ("connect", "send", "quit"):
            self._around(smtplib.SMTP, name)
        self._around(os, "write")
        self._around(os, "fsync")
        sys.addaudithook(self._event)

    def _around(self, owner: Any, name: str) -> None:
        """A point before and one after."""
        done = getattr(owner, name)

        @wraps(done)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.point(f"before {name}")
            answer = done(*args, **kwargs)
            self.point(f"after {name}")
            return answer

        setattr(owner, name, counted)

    def _statement(self, execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any) -> Any:
        self.point(" ".join(sql.split())[:60])
        return execute(sql, params, many, context)

    def _event(self, event: str, args: tuple[Any, ...]) -> None:
        if event in CHANGES:
            self.point(event)
        elif event == "open" and isinstance(args[2], int) and args[2] & FOR_WRITING and "/dev/" not in str(args[0]):
            self.point("open")


def run(act: Callable[[], Any], *, die_at: int = 0) -> End:
    """The act in a process of its own, which shares neither a connection nor a lock with this one."""
    connections.close_all()
    if connection.vendor == "postgresql":
        connection.close_pool()  # its threads would not be there in the child
    reading, writing = os.pipe()
    write, child = os.write, os.fork()
    if child == 0:
        status = 1
        try:
            count = Count(die_at)
            count.watch()
            said = act()
            write(writing, json.dumps([said, count.points]).encode())
            status = 0
        except BaseException:  # noqa: BLE001 -- the parent says it
            write(writing, json.dumps(traceback.format_exc()).encode())
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if ended == -signal.SIGKILL:
        # The point after the last word is none: what was said counts.
        return End(was_killed=True, said=json.loads(answer)[0] if answer else None)
    assert ended == 0, json.loads(answer) if answer else ended
    said, points = json.loads(answer)
    return End(was_killed=False, said=said, points=tuple(points))
