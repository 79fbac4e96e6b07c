"""Settings for a person's own machine and for the demonstration: plain HTTP, mail into a folder, a key of its own."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.management.utils import get_random_secret_key


def own_secret_key(data_dir: Path) -> str:
    """A random key kept beside the demonstration's data, so that two demonstrations never share one.

    Of several processes that start at once, the first one's stands: a key has its name when all of it is written.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    file = data_dir / "secret_key"
    if not file.exists():
        with NamedTemporaryFile("w", dir=data_dir) as new:  # for the owner's eyes alone
            new.write(get_random_secret_key())
            new.flush()
            with suppress(FileExistsError):
                file.hardlink_to(new.name)
    return file.read_text()


_data_dir = Path(os.environ.get("DATA_DIR") or Path(__file__).resolve().parent.parent.parent / "var").expanduser()
_port = os.environ.get("PORT", "8000")
os.environ.setdefault("SECRET_KEY", own_secret_key(_data_dir))
os.environ.setdefault("BASE_URL", f"http://127.0.0.1:{_port}")
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")

from portal.settings.base import *  # noqa: E402, F403 -- loosening starts from the production settings
from portal.settings.base import DATA_DIR, ENV, STORAGES  # noqa: E402 -- after the environment is prepared

DEBUG = ENV.debug
DEMO_ALLOWED = True

# Plain HTTP on the loopback address: no redirect, no HSTS, cookies without the Secure mark and its prefix.
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_SECURE = False
SESSION_COOKIE_NAME = "session"
CSRF_COOKIE_SECURE = False
CSRF_COOKIE_NAME = "csrf"

# Served straight from their folders, without a collecting step.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

if "EMAIL_URL" not in os.environ:
    EMAIL_BACKEND = "portal.ops.mail_folder.FolderAndConsoleBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
