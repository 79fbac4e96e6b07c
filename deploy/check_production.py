"""`manage.py check --deploy` with production settings and an invented environment. Any error or warning fails."""

import os
import secrets
import subprocess
import sys
import tempfile

with tempfile.TemporaryDirectory() as folder:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "portal.settings.base",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "BASE_URL": "https://members.example.org",
        "CLAMD_URL": "unix:///run/clamav/clamd.ctl",
        "DATA_DIR": folder,
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    sys.exit(subprocess.run(command, env=environment, check=False).returncode)
