"""Gatehouse's own sites for measuring: the demonstration, and copies of it that are filled up."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from bench.machine import Machine
from bench.servers import HOST, ROOT, Site

POST = "/news/nactso-ctpn-information/"
PASSWORD = "gatehouse-demo"  # noqa: S105 -- the demonstration's
# What the prepared sites follow from; when any of it changes, they are made anew.
MADE_OF = (
    "*/migrations/*.py",
    "portal/demo/*.py",
    "bench/fill/*.py",
    "bench/content.py",
    "bench/stock.py",
    "bench/stock_blog/**/*.*",
)


def stamp() -> str:
    digest = hashlib.sha256()
    for pattern in MADE_OF:
        for file in sorted(ROOT.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def is_made(folder: Path) -> bool:
    file = folder / "made-of"
    return file.exists() and file.read_text() == stamp()


def note_made(folder: Path) -> None:
    (folder / "made-of").write_text(stamp())


def _site(machine: Machine, name: str) -> Site:
    """Production's settings behind a proxy that ends TLS."""
    folder = machine.folder / name
    kept = {each: os.environ[each] for each in ("PATH", "HOME", "LANG", "TZ") if each in os.environ}
    environment = kept | {
        "DJANGO_SETTINGS_MODULE": "portal.settings.base",
        "SECRET_KEY": _secret_key(machine.folder),
        "BASE_URL": f"https://{HOST}",
        "DATA_DIR": str(folder),
        "DATABASE_URL": machine.database(name),
        "CACHE_URL": machine.redis,
        "TRUSTED_PROXY_COUNT": "1",
        "DEMO_PASSWORD": PASSWORD,
        "LOG_FORMAT": "plain",
    }
    return Site(f"gatehouse-{name}", ROOT, "portal.wsgi", folder, {k: v for k, v in environment.items() if v})


def _secret_key(folder: Path) -> str:
    file = folder / "secret_key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(60))
    return file.read_text()


def demonstration(machine: Machine) -> Site:
    """The seeded demonstration under production's settings, with the papers that are measured."""
    site = _site(machine, "demo")
    if not is_made(site.data):
        new_database(machine, "demo")
        shutil.rmtree(site.data, ignore_errors=True)
        site.data.mkdir()
        loosened = site.environment | {"DJANGO_SETTINGS_MODULE": "portal.settings.dev"}
        Site(site.name, site.code, site.application, site.data, loosened).manage("demo", "--prepare")
        site.manage("collectstatic", "--noinput", "--verbosity", "0")
        content = site.run(sys.executable, "-m", "bench.content", str(site.data / "exported"))
        (site.data / "content.json").write_text(content)
        note_made(site.data)
    return site


def content(site: Site) -> dict[str, Any]:
    """What `bench.content` said."""
    said: dict[str, Any] = json.loads((site.data / "content.json").read_text())
    return said


def filled(machine: Machine, count: int, *, only: str = "", pages: int = 0) -> Site:
    """A copy of the demonstration with so many of each thing, or of one kind of thing only; papers may have so many
    `pages` of text, and the site is then filled with papers alone."""
    only = "papers" if pages else only
    name = "_".join(filter(None, (str(count), only, str(pages or ""))))
    demo, site = demonstration(machine), _site(machine, name)
    if not is_made(site.data):
        shutil.rmtree(site.data, ignore_errors=True)
        shutil.copytree(demo.data, site.data, ignore=shutil.ignore_patterns("made-of", "*.log"), copy_function=_link)
        new_database(machine, name, like="demo")
        more = (*(("--only", only) if only else ()), *(("--pages", str(pages)) if pages else ()))
        said = site.run(sys.executable, "-m", "bench.fill", str(count), *more)
        print(f"  {count:,} of {only or 'each'}: {said.strip()}", file=sys.stderr)
        if not only:
            site.manage("update_index", "--verbosity", "0")
        site.manage("rebuild_search")
        note_made(site.data)
    return site


def _link(source: str, target: str) -> None:
    """Files that are never changed may be shared; the databases are written to."""
    if ".sqlite3" in source:
        shutil.copy2(source, target)
        return
    with suppress(FileExistsError):
        os.link(source, target)


def new_database(machine: Machine, name: str, *, like: str = "") -> None:
    if not machine.postgresql:
        return
    own = f"{machine.prefix}_{name}"
    template = f' TEMPLATE "{machine.prefix}_{like}"' if like else ""
    with psycopg.connect(machine.postgresql, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{own}"{template}')
