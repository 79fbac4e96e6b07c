"""The same act many times at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.core.exceptions import ValidationError
from django.db import connection

AT_ONCE = 20


def at_once(act: Callable[[int], object]) -> list[str]:
    """What each of twenty is told, who begin together: “in”, or why not. `act` gets the number of each."""
    together = Barrier(AT_ONCE)

    def attempt(number: int) -> str:
        try:
            together.wait()
            act(number)
        except ValidationError as error:
            return error.messages[0]
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(attempt, range(AT_ONCE)))
