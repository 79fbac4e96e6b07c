"""Settings for the tests: as `dev`, with a folder of its own, cheap password hashes and tasks run when asked."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="gatehouse-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["DATA_DIR"] = _folder

from portal.settings.dev import *  # noqa: E402, F403 -- after the folder is chosen
from portal.settings.dev import CACHES, DATA_DIR, DATABASES  # noqa: E402 -- as above

# A file, not memory: the tests that use threads and processes need the real locking.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
# MD5 so that making a hundred people takes no time; the hasher of production has a test of its own.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if CACHES["default"]["LOCATION"].startswith("redis"):
    # A database of its own for each worker, since clearing a cache empties the whole of it.
    _server, _, _number = CACHES["default"]["LOCATION"].rpartition("/")
    _worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    CACHES["default"]["LOCATION"] = f"{_server}/{int(_number or 0) - int(_worker)}"
WHITENOISE_AUTOREFRESH = True  # read the static files when asked, not all of them at each start
