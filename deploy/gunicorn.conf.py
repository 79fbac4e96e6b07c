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
import sys
import tempfile

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
