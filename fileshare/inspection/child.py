"""A child process for what strangers bring: limits of time and memory, no secrets, and one answer as JSON.

A parser that a hostile file defeats takes nothing along but its own process. A module that parses is run as a program
(`python -m`), and calls `answer` there.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
# All that a parser needs to know of the machine: neither keys nor passwords, which the site's own process has.
ENVIRONMENT = {"LC_ALL": "C.UTF-8"}

_PATH = re.compile(r"(?<!\w)/[^\s'\":,)]+")


class Defeated(Exception):
    """The child ran out of its limits, crashed, or said nothing that can be understood."""


def run(module: str, *arguments: str, seconds: int, told: str = "") -> Any:
    """What the module says of a file; `told` is what it reads from its standard input. Raises Defeated."""
    try:
        child = subprocess.run(  # noqa: S603 -- our own interpreter and module, no shell
            [sys.executable, "-m", module, *arguments],
            capture_output=True,
            input=told.encode(),
            timeout=seconds + 5,
            check=True,
            cwd=ROOT,
            env=ENVIRONMENT,
        )
        return json.loads(child.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise Defeated(f"{module}: {_last_words(error)}") from error


def _last_words(error: Exception) -> str:
    """What a log may know: neither the command nor where files lie."""
    if isinstance(error, subprocess.TimeoutExpired):
        return f"stopped after {error.timeout:.0f} seconds"
    if not isinstance(error, subprocess.CalledProcessError):
        return type(error).__name__
    lines = (error.stderr or b"").decode(errors="replace").strip().splitlines()
    said = _PATH.sub("…", lines[-1])[:300] if lines else ""
    return f"ended with {error.returncode}: {said}".removesuffix(": ")


def answer(look: Callable[[], Any], *, seconds: int, memory: int) -> None:
    """In the child: take the limits (seconds of the processor, bytes), look, and say what was found."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(json.dumps(look()))  # noqa: T201 -- the child's answer
