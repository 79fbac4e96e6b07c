"""What this machine has for measuring with, and the sentence for what it lacks."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

LOCAL_POSTGRESQL, LOCAL_REDIS = "postgres://postgres@127.0.0.1:5432/postgres", "redis://127.0.0.1:6379/14"


@dataclass(frozen=True)
class Machine:
    """Addresses are empty where nothing answers. `folder` is the bench's own below DATA_DIR."""

    folder: Path
    postgresql: str
    redis: str
    wrk: bool
    nginx: bool
    quick: bool

    @property
    def lacks(self) -> list[str]:
        """A sentence for each thing."""
        sentences = {
            "PostgreSQL does not answer (DATABASE_URL=postgres://…), so the database is SQLite.": self.postgresql,
            "Redis does not answer (CACHE_URL=redis://…), so the shared cache is the database's.": self.redis,
            "There is no wrk (Debian's package wrk), so what counts requests a second is left out.": self.wrk,
            "There is no nginx (Debian's package nginx), so the rows through it are left out.": self.nginx,
        }
        return [sentence for sentence, is_there in sentences.items() if not is_there]

    @property
    def prefix(self) -> str:
        """Of the databases' names, so that two checkouts on one machine keep apart."""
        return f"gatehouse_bench_{hashlib.sha256(str(self.folder).encode()).hexdigest()[:6]}"

    def database(self, name: str) -> str:
        """The address of one of our databases; empty for SQLite."""
        return urlsplit(self.postgresql)._replace(path=f"/{self.prefix}_{name}").geturl() if self.postgresql else ""

    def about(self) -> dict[str, object]:
        return {
            "processors": os.cpu_count(),
            "python": platform.python_version(),
            "database": "PostgreSQL" if self.postgresql else "SQLite",
            "cache": "Redis" if self.redis else "the database",
            "quick": self.quick,
            "load": os.getloadavg()[0],
        }


def look_round() -> Machine:
    folder = Path(os.environ.get("DATA_DIR") or "var").expanduser().resolve() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    postgresql = os.environ.get("DATABASE_URL") or LOCAL_POSTGRESQL
    redis = os.environ.get("CACHE_URL") or LOCAL_REDIS
    return Machine(
        folder=folder,
        postgresql=postgresql if postgresql.startswith("postgres") and _answers(postgresql, 5432) else "",
        redis=redis if _answers(redis, 6379) else "",
        wrk=shutil.which("wrk") is not None,
        nginx=shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is not None,
        quick=os.environ.get("QUICK", "") not in ("", "0"),
    )


def _answers(address: str, port: int) -> bool:
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or port), timeout=2):
            return True
    except OSError:
        return False
