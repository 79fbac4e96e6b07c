"""gunicorn, for every way of running the site: WSGI with threads, since downloads wait for slow readers.

The application is loaded before the workers are made, so that a setting which stops the start stops all of it, with
its one sentence.
"""

import atexit
import contextlib
import ctypes
import gc
import os
import shutil
import socket
import sys
import tempfile
import time

from gunicorn.http.errors import LimitRequestLine
from gunicorn.workers.gthread import ThreadWorker

for _name in ("PORT", "WEB_PROCESSES", "WEB_THREADS"):
    _said = os.environ.get(_name, "1")
    if not (_said.isdecimal() and 1 <= int(_said) <= (65535 if _name == "PORT" else 1024)):
        sys.exit(f"Gatehouse cannot start: {_name} must be a number from 1 to {65535 if _name == 'PORT' else 1024}.")

# glibc gives threads places of their own to ask memory from, which never goes back: fifty downloads took 31 MB, where
# two such places need 11. Elsewhere there is nothing to set.
M_ARENA_MAX = -8
with contextlib.suppress(OSError, AttributeError, TypeError):
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


LONGEST_REST = 4 * 1024**2  # bytes that are read to be thrown away; of an address, browsers send half


def _see_out(client):
    """Were the connection closed with bytes that nobody has read, the answer would be lost with them."""
    with contextlib.suppress(OSError):
        client.settimeout(2)
        client.shutdown(socket.SHUT_WR)
        read, until = 0, time.monotonic() + 2
        while read < LONGEST_REST and time.monotonic() < until and (rest := client.recv(65536)):
            read += len(rest)
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)  # so that nobody waits for more


class DrainingWorker(ThreadWorker):
    """Threads; and a worker that has been told to end leaves the port at once.

    gunicorn's own keeps it open until its last answer has gone: whoever connects meanwhile waits for half a minute, is
    then cut off, and nginx does not learn that it should ask another process.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            known = None
            while known != self.nr_conns:  # those who have connected already are served
                known = self.nr_conns
                self.accept(listener)
            listener.close()

    def handle(self, conn):
        """Whoever does not hang up after the last answer is waited for here, by one of many threads. gunicorn lets the
        only one wait that takes new connections, two seconds for each."""
        goes_on = super().handle(conn)
        if not goes_on:
            _see_out(conn.sock)
        return goes_on

    def handle_error(self, req, client, addr, exc):
        """An address without an end is no request that the site could answer: its page is sent from here, in place of
        gunicorn's, which speaks to programmers."""
        if not isinstance(exc, LimitRequestLine):
            super().handle_error(req, client, addr, exc)
            return
        from portal.views import errors  # noqa: PLC0415 -- the site is loaded by now

        self.log.warning("An address was too long: %s", exc)
        answer = errors.address_too_long()
        length = len(answer.content)
        head = f"HTTP/1.1 414 URI Too Long\r\nConnection: close\r\nContent-Length: {length}\r\n"
        with contextlib.suppress(OSError):
            client.settimeout(2)
            client.sendall(head.encode() + answer.serialize())


bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = DrainingWorker
workers = int(os.environ.get("WEB_PROCESSES", "2"))
# A download waits for its reader in a thread, which costs little: more of them than readers who are slow at once.
threads = int(os.environ.get("WEB_THREADS", "64"))
preload_app = True
control_socket_disable = True
# Who the visitor is and whether TLS was used is Django's to decide, by TRUSTED_PROXY_COUNT.
forwarded_allow_ips = ""
# The address of a zip names up to 150 papers (fileshare.views.archive); this is the longest that gunicorn bounds.
limit_request_line = 8190
timeout = 60
graceful_timeout = 30
# Where the processes of this one server put their counts together for /metrics (portal.ops.metrics). They begin anew
# with it, and nothing else lies there.
_counts, _master = tempfile.mkdtemp(prefix="gatehouse-metrics-"), os.getpid()
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counts
atexit.register(lambda: os.getpid() == _master and shutil.rmtree(_counts, ignore_errors=True))
accesslog = os.environ.get("ACCESS_LOG") or None


def when_ready(server):
    """Before the processes fork: what the application has loaded is there for ever, and the collector walks it no more.
    A search makes enough objects to set it off, and walking all of Django took longer than the search."""
    gc.freeze()
