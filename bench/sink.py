"""A mail server that takes everything, for measuring: it writes a line for each mail, recipient and Message-ID.

python -m bench.sink PORT FILE
"""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

MESSAGE_ID = re.compile(rb"^Message-ID: *(\S+)", re.MULTILINE | re.IGNORECASE)


class Sink:
    def __init__(self, file: Path) -> None:
        self._lines = file.open("a", buffering=1)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        found = MESSAGE_ID.search(envelope.content)
        name = found[1].decode() if found else "-"
        self._lines.writelines(f"{recipient} {name}\n" for recipient in envelope.rcpt_tos)
        return "250 Taken"


class _Server(SMTP):
    """Reads to its end what came before a connection broke off, as mail servers do that take one line after the other.
    aiosmtpd lets even a mail go that was ended, where the news of the end comes with it."""

    def eof_received(self) -> bool:
        self.loop.call_later(1, self._handler_coroutine.cancel)
        return True


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


def main() -> None:
    port, file = int(sys.argv[1]), Path(sys.argv[2])
    controller = _Controller(Sink(file), hostname="127.0.0.1", port=port)
    controller.start()
    print("ready", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    controller.stop()


if __name__ == "__main__":
    main()
