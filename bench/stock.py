"""Stock Wagtail, beside which Gatehouse is measured: made by `wagtail start` at bench time, in a folder of DATA_DIR."""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

from bench import ours
from bench.machine import Machine
from bench.servers import BIN, HOST, ROOT, Site

# The same database, cache and connections as Gatehouse has; everything else as `wagtail start` and Django leave it.
SETTINGS = """
import environ
env = environ.Env()
SECRET_KEY = "measured on this machine alone, and nowhere else: 0123456789"
ALLOWED_HOSTS = ["{host}"]
INSTALLED_APPS += ["blog"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if env.str("DATABASE_URL", ""):
    DATABASES["default"] = env.db("DATABASE_URL") | {{
        "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True, "OPTIONS": {{"pool": {{"min_size": 0, "max_size": 16}}}},
    }}
else:
    DATABASES["default"]["OPTIONS"] = {{
        "transaction_mode": "IMMEDIATE", "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }}
if env.str("CACHE_URL", ""):
    CACHES = {{"default": {{
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.str("CACHE_URL"),
        "KEY_PREFIX": "stock",
    }}}}
"""


def made(machine: Machine) -> Site:
    """The site, with the exported post, its pictures and its documents."""
    demo = ours.demonstration(machine)
    folder = machine.folder / "stock"
    kept = {each: os.environ[each] for each in ("PATH", "HOME", "LANG", "TZ") if each in os.environ}
    environment = kept | {
        "DJANGO_SETTINGS_MODULE": "mysite.settings.production",
        "DATABASE_URL": machine.database("stock"),
        "CACHE_URL": machine.redis,
    }
    environment = {name: value for name, value in environment.items() if value}
    site = Site("stock", folder / "project", "mysite.wsgi", folder, environment)
    if not ours.is_made(folder):
        shutil.rmtree(folder, ignore_errors=True)
        _start(site)
        ours.new_database(machine, "stock")
        for command in (["makemigrations", "blog"], ["migrate"], ["collectstatic", "--noinput"]):
            site.manage(*command, "--verbosity", "0")
        said = site.manage("load_bench", str(demo.data / "exported"), str(demo.data / "content.json"))
        (folder / "content.json").write_text(said)
        ours.note_made(folder)
    return site


def _start(site: Site) -> None:
    site.code.mkdir(parents=True)
    site.run(str(BIN / "wagtail"), "start", "mysite", ".")
    shutil.copytree(ROOT / "bench" / "stock_blog", site.code / "blog", ignore=shutil.ignore_patterns("__pycache__"))
    (site.code / "blog" / "migrations").mkdir()
    (site.code / "blog" / "migrations" / "__init__.py").touch()
    settings = site.code / "mysite" / "settings" / "production.py"
    settings.write_text(settings.read_text() + SETTINGS.format(host=HOST))


def content(site: Site) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((site.data / "content.json").read_text())
    return said
