"""The rows of the table, each a function that measures and returns lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bench import ours, stock
from bench.clients import Visitor
from bench.inside import MEMBER
from bench.machine import Machine
from bench.servers import ROOT, Server, Site, served
from bench.table import Line
from deploy.processes import free_port


@dataclass
class Bench:
    """What the rows share."""

    machine: Machine

    @property
    def rounds(self) -> int:
        return 3 if self.machine.quick else 7

    @property
    def seconds(self) -> float:
        """Of one run of wrk."""
        return 1 if self.machine.quick else 3

    @cached_property
    def ours(self) -> Site:
        return ours.demonstration(self.machine)

    @cached_property
    def content(self) -> dict[str, Any]:
        return ours.content(self.ours)

    @cached_property
    def stock(self) -> Site:
        return stock.made(self.machine)

    @cached_property
    def stock_content(self) -> dict[str, Any]:
        return stock.content(self.stock)

    def filled(self, count: int, pages: int = 0) -> Site:
        return ours.filled(self.machine, count, pages=pages)

    @cached_property
    def empty(self) -> Site:
        return Site("empty", ROOT, "bench.empty", self.machine.folder, self.ours.environment)

    @contextmanager
    def both(self, processes: int = 1) -> Iterator[tuple[Server, Server]]:
        """Ours and stock, served alike."""
        with (
            served(self.ours, free_port(), processes=processes) as mine,
            served(self.stock, free_port(), processes=processes, path=self.stock_content["list"]) as other,
        ):
            yield mine, other

    def member_of_ours(self, server: Server) -> Visitor:
        member = Visitor(server.url)
        member.sign_in(MEMBER, ours.PASSWORD)
        return member

    def member_of_stock(self, server: Server) -> Visitor:
        return Visitor(server.url, cookies={"sessionid": self.stock_content["session"]})


Row = Callable[[Bench], list[Line]]


def cookie_of(visitor: Visitor) -> str:
    return "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
