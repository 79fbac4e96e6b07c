"""Machines that have nothing in common but a cable: each a network namespace with a loopback of its own, and a disk of
its own in the place of the stack's folder. Linux alone, and as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.processes import ROOT, CannotStart
from deploy.services import LOOPBACK

# 198.18.0.0/15 is for trials (RFC 2544), and in nobody's use.
NETWORK = "198.18.{}"
# Everything that the stack has written is behind the machine's own disk, but for the pictures, which machines share
# (docs/operator.md). The collected files came with the program. It lives until its standard input ends.
BEGIN = """\
mkdir -p "$1/disk" "$1/site/public"
mount -t tmpfs -o mode=711 machine "$1/disk"
mkdir -p "$1/disk/site/public" "$1/disk/tmp"
cp -r "$1/site/static" "$1/disk/site/static"
mount --bind "$1/site/public" "$1/disk/site/public"
mount --move "$1/disk" "$1"
ip link set lo up
echo ready
exec cat
"""


def ip(*arguments: str) -> str:
    return subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True).stdout


@dataclass(frozen=True)
class Machine:
    """`address` is where the others on the bridge reach it, `holder` the process that keeps its namespaces."""

    address: str
    holder: int

    def command(self, command: list[str]) -> list[str]:
        """The same, run on this machine; its process is the command itself."""
        return [
            "nsenter", f"--target={self.holder}", "--net", "--mount", "env", f"--chdir={ROOT}", *command
        ]  # fmt: skip


@dataclass(frozen=True)
class Bridge:
    """What the machines hang on. This machine's own end is `address`; without a bridge that is the loopback."""

    name: str = ""
    network: str = ""
    why_not: str = ""

    @property
    def address(self) -> str:
        return f"{self.network}.1" if self.network else LOOPBACK

    @contextmanager
    def machine(self, number: int, folder: Path) -> Iterator[Machine]:
        """One more, whose own disk hides this folder; gone at the end, with whatever still runs on its network."""
        holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "sh", "-euc", BEGIN, "sh", str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        cable = f"{self.name}m{number}"
        try:
            if holder.stdout.readline() != "ready\n":
                raise CannotStart(f"no machine of its own: {holder.communicate()[1].strip()}")
            machine = Machine(f"{self.network}.{number + 1}", holder.pid)
            ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", str(holder.pid))
            ip("link", "set", cable, "master", self.name, "up")
            inside = machine.command(["ip", "-batch", "-"])
            own_end = f"address add {machine.address}/24 dev eth0\nlink set eth0 up\n"
            subprocess.run(inside, input=own_end, check=True, capture_output=True, text=True)
            yield machine
        finally:
            holder.kill()
            holder.communicate()
            subprocess.run(["ip", "link", "delete", cable], check=False, capture_output=True)


@contextmanager
def bridge(name: str = "gh") -> Iterator[Bridge]:
    """A bridge of this process's own, or one that says why there is none. The name has four letters at most."""
    if os.geteuid() != 0:
        yield Bridge(why_not="machines with networks of their own want root")
        return
    if missing := [name for name in ("ip", "unshare", "nsenter") if not shutil.which(name)]:
        yield Bridge(why_not=f"machines with networks of their own want {', '.join(missing)} (iproute2, util-linux)")
        return
    name, taken = f"{name}{os.getpid()}", ip("-oneline", "-4", "address")
    network = next(free for number in range(256) if f" {(free := NETWORK.format(number))}." not in taken)
    try:
        ip("link", "add", name, "type", "bridge")
        ip("address", "add", f"{network}.1/24", "dev", name)
        ip("link", "set", name, "up")
        subprocess.run(["unshare", "--net", "--mount", "true"], check=True, capture_output=True, text=True)
        # A cable, to see whether there are any.
        ip("link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b")
        ip("link", "delete", f"{name}a")
    except subprocess.CalledProcessError as why:
        subprocess.run(["ip", "link", "delete", name], check=False, capture_output=True)
        yield Bridge(why_not=f"this machine allows no networks of their own: {why.stderr.strip()}")
        return
    try:
        yield Bridge(name, network)
    finally:
        ip("link", "delete", name)
