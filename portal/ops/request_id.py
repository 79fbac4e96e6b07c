"""One name for a request in the proxy's log, in ours, and in the lines of the tasks that it brings about."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

HEADER = "X-Request-ID"
KEY = "request_id"  # beside the arguments of a task in the queue
SHAPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{7,63}")  # nginx makes 32 hexadecimal digits, others UUIDs
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Of the request, or the task, that this thread is at; otherwise empty."""
    return _current.get()


def of(request: HttpRequest) -> str:
    """The trusted proxy's, where it gives one of a sensible shape; else a new one. Nobody else's: what strangers send
    has no place in a log."""
    given = request.headers.get(HEADER, "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
    return given if SHAPE.fullmatch(given) else uuid.uuid4().hex


def begin(name: str) -> None:
    """Until `end`. Django tells of an answer of 400 and above when all middleware has done its part."""
    _current.set(name)


def end(**kwargs: Any) -> None:
    """The request, or the task, is done, well or not."""
    _current.set("")


def enclose(instance: Any, **kwargs: Any) -> None:
    """Before a task's row is written: the request that brings it goes with it."""
    if instance._state.adding and (name := current()):
        instance.args_kwargs = {**instance.args_kwargs, KEY: name}


def take_up(task_result: Any, **kwargs: Any) -> None:
    """The worker begins a task."""
    begin(str(task_result.db_result.args_kwargs.get(KEY, "")))
