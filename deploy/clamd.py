"""clamd on this machine, in a folder of its own: the limits of `deploy/clamd.conf`, and signatures of one's own."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

from deploy.processes import ROOT, Process

PROGRAM = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
# The harmless test file of the scanners' makers (eicar.org), as a signature has it.
EICAR = (
    "58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d414e544956495255532d544553"
    "542d46494c452124482b482a"
)


def prepare(folder: Path, limits: tuple[str, str] = ("500M", "2000M"), tcp: tuple[str, int] | None = None) -> None:
    """Its configuration, and a signature for the test file. `limits` are those of a file, and of all that is in it;
    `tcp` is where other machines ask it, host and port."""
    (folder / "db").mkdir(parents=True, exist_ok=True)
    (folder / "db" / "own.ndb").write_text(f"Test.Eicar:0:0:{EICAR}\n")
    shipped = (ROOT / "deploy" / "clamd.conf").read_text()
    own = [
        f"DatabaseDirectory {folder}/db", f"LocalSocket {folder}/ctl", f"TemporaryDirectory {folder}",
        "FixStaleSocket yes", "Foreground yes",
    ]  # fmt: skip
    if tcp:
        own += [f"TCPAddr {tcp[0]}", f"TCPSocket {tcp[1]}"]
    shipped = shipped.replace(" 500M", f" {limits[0]}").replace(" 2000M", f" {limits[1]}")
    (folder / "conf").write_text(shipped + "\n".join(own) + "\n")


def process(folder: Path, log: Path) -> Process:
    """Not started yet. Never root: what it takes apart comes from strangers."""
    as_user: list[str] = []
    if os.geteuid() == 0:
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, "nobody")
    return Process("clamd", [*as_user, str(PROGRAM), "-c", f"{folder}/conf"], log, folder=folder)


def address(folder: Path) -> str:
    """For CLAMD_URL."""
    return f"unix://{folder}/ctl"


def is_ready(folder: Path) -> bool:
    """Whether it has read its signatures: only then does it listen."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        return probe.connect_ex(f"{folder}/ctl") == 0
