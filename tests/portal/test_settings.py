"""Production settings: what is missing or malformed stops the start with one sentence that names it."""

from __future__ import annotations

import datetime
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.formats import date_format

pytestmark = pytest.mark.skipif(
    os.environ.get("DATABASE_URL", "").startswith("postgres"),
    reason="each start has an environment of its own, whatever this one names: run without DATABASE_URL",
)
ROOT = Path(__file__).resolve().parent.parent.parent
KEY = secrets.token_urlsafe(60)


def environment(data_dir: Path, **changes: str | None) -> dict[str, str]:
    """What production needs, and the changes; None takes a variable away."""
    given: dict[str, str | None] = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "portal.settings.base",
        "SECRET_KEY": KEY,
        "BASE_URL": "https://members.example.org",
        "DATA_DIR": str(data_dir),
        "CLAMD_URL": "tcp://127.0.0.1:3310",
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def start(data_dir: Path, *command: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *(command or ("manage.py", "check"))], cwd=ROOT, env=environment(data_dir, **changes),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_production_settings_pass_the_check_for_deployment(tmp_path):
    done = start(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(("changes", "most"), [
    ({"CLAMD_URL": None}, 5 * 1024**3),
    ({}, 500 * 1024**2),
    ({"CLAMD_URL": "tcp://[::1]:3310", "CLAMD_MAX_MB": "25"}, 25 * 1024**2),
    ({"CLAMD_URL": "unix:///run/clamav/clamd.ctl", "CLAMD_MAX_MB": "2000"}, 2000 * 1024**2),
], ids=str)  # fmt: skip
def test_nothing_comes_in_that_is_larger_than_what_can_be_scanned(tmp_path, changes, most):
    show = ("-c", "from portal.settings import base; print(base.WAGTAILDOCS_MAX_UPLOAD_SIZE)")
    assert start(tmp_path, *show, **changes).stdout == f"{most}\n"


@pytest.mark.parametrize(("changes", "named"), [
    ({"SECRET_KEY": None}, "SECRET_KEY is not set"),
    ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter than fifty"),
    ({"BASE_URL": None}, "BASE_URL must be"),
    ({"BASE_URL": "members.example.org"}, "BASE_URL must be"),
    ({"BASE_URL": "https://"}, "BASE_URL must be"),
    ({"BASE_URL": "https://[::1"}, "BASE_URL"),
    ({"BASE_URL": "https://members.example.org/site"}, "BASE_URL"),
    ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    ({"DATABASE_URL": "mysql://u:p@db/x"}, "DATABASE_URL must start with sqlite:// or postgres://"),
    ({"DATABASE_URL": "postgres://u:p@db:port/x"}, "DATABASE_URL"),
    ({"DATABASE_URL": "://"}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgres://u:p@db/x?server_side_binding=true"}, "DATABASE_URL asks for server_side_binding"),
    ({"CACHE_URL": "memcached://host"}, "CACHE_URL must start with redis://"),
    ({"CACHE_URL": "localhost:6379"}, "CACHE_URL must start with redis://"),
    ({"EDGE_SECONDS": "soon"}, "EDGE_SECONDS cannot be understood; it must be a number of seconds"),
    ({"EDGE_SECONDS": "0"}, "EDGE_SECONDS must be from 1 to 86400"),
    ({"EDGE_SECONDS": "60"}, "EDGE_SECONDS above 1 and EDGE_PURGE_URL go together"),
    ({"EDGE_PURGE_URL": "http://cache:6081"}, "EDGE_SECONDS above 1 and EDGE_PURGE_URL go together"),
    ({"EDGE_SECONDS": "60", "EDGE_PURGE_URL": "cache:6081"}, "EDGE_PURGE_URL must be http://"),
    ({"EDGE_SECONDS": "60", "EDGE_PURGE_URL": "cloudflare://zone"}, "CLOUDFLARE_API_TOKEN must hold a token"),
    ({"PRIVATE_STORAGE": "cloud"}, "PRIVATE_STORAGE is “cloud”, but must be one of: folder, s3"),
    ({"PRIVATE_STORAGE": "s3"}, "S3_BUCKET must name the bucket"),
    ({"DELIVERY": "nonsense"}, "DELIVERY is “nonsense”, but must be one of: stream, accel"),
    ({"DELIVERY": "accel"}, "DELIVERY is “accel”, which needs nginx in front: set TRUSTED_PROXY_COUNT"),
    ({"DELIVERY": "accel", "TRUSTED_PROXY_COUNT": "1", "DEBUG": "on"}, "it does not go with DEBUG"),
    ({"DELIVERY": "accel", "TRUSTED_PROXY_COUNT": "1", "PRIVATE_STORAGE": "s3", "S3_BUCKET": "papers"},
     "S3_ENDPOINT_URL must name the store that nginx fetches from"),
    ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is “xml”, but must be one of: json, plain"),
    ({"TRUSTED_PROXY_COUNT": "one"}, "TRUSTED_PROXY_COUNT"),
    ({"TRUSTED_PROXY_COUNT": "-1"}, "TRUSTED_PROXY_COUNT"),
    ({"CLAMD_URL": "/run/clamav/clamd.ctl"}, "CLAMD_URL must be where clamd listens: unix:///run/clamav/clamd.ctl or"),
    ({"CLAMD_URL": "unix://run/clamav/clamd.ctl"}, "CLAMD_URL must be where clamd listens"),
    ({"CLAMD_URL": "tcp://127.0.0.1"}, "CLAMD_URL must be where clamd listens"),
    ({"CLAMD_URL": "tcp://127.0.0.1:clamd"}, "CLAMD_URL cannot be understood; it must be unix:///run/clamav/clamd.ctl"),
    ({"CLAMD_URL": "http://127.0.0.1:3310"}, "CLAMD_URL must be where clamd listens"),
    ({"CLAMD_MAX_MB": "25M"}, "CLAMD_MAX_MB cannot be understood; it must be a number of megabytes"),
    ({"CLAMD_MAX_MB": "2001"}, "CLAMD_MAX_MB must be from 1 to 2000"),
    ({"LEAVING_DAYS": "soon"}, "LEAVING_DAYS"),
    ({"LEAVING_DAYS": "40"}, "LEAVING_DAYS must be from 1 to 28"),
    ({"RECORD_KEY": "secret"}, "RECORD_KEY must be 32 bytes as 64 letters and digits"),
    ({"RECORD_HEADS": "heads"}, "RECORD_HEADS must be folders"),
    ({"RECORD_HEADS": "/mnt/heads,s3://"}, "RECORD_HEADS must be folders"),
    ({"RECORD_HEADS": "mailto:nobody"}, "RECORD_HEADS must be folders"),
    ({"UNUSUAL_PAPERS": "many"}, "UNUSUAL_PAPERS cannot be understood; it must be a number of papers"),
    ({"UNUSUAL_PAPERS": "1"}, "UNUSUAL_PAPERS must be 2 or more"),
    ({"STAFF_REQUIRE_MFA": "perhaps"}, "STAFF_REQUIRE_MFA cannot be understood; it must be on or off"),
    ({"OIDC_CLIENT_ID": "x"}, "OIDC_SERVER_URL, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET go together"),
    ({"OIDC_SERVER_URL": "http://id.example", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"},
     "OIDC_SERVER_URL must be the service's address"),
    ({"EMAIL_URL": "pigeon://roof"}, "EMAIL_URL"),
    ({"EMAIL_URL": "nonsense"}, "EMAIL_URL"),
    ({"DATA_DIR": "/dev/null/x"}, "DATA_DIR"),
    ({"DATA_DIR": "/proc/self"}, "DATA_DIR"),
    ({"ALLOWED_HOSTS": "https://members.example.org"}, "ALLOWED_HOSTS must hold host names"),
    ({"S3_ENDPOINT_URL": "s3.example.org"}, "S3_ENDPOINT_URL must be the object store's address"),
    ({"S3_ENDPOINT_URL": "https://[::1"}, "S3_ENDPOINT_URL cannot be understood"),
    ({"DEBUG": "perhaps"}, "DEBUG cannot be understood; it must be on or off"),
    ({"METRICS_ADDRESSES": "prometheus.internal"}, "METRICS_ADDRESSES cannot be understood; it must be addresses"),
    ({"METRICS_ADDRESSES": "10.0.0.1/8"}, "METRICS_ADDRESSES cannot be understood; it must be addresses"),
    ({"SENTRY_DSN": "https://sentry.example.org/1"}, "SENTRY_DSN must be the address that Sentry gives"),
    ({"SENTRY_DSN": "https://[::1"}, "SENTRY_DSN cannot be understood"),
], ids=str)  # fmt: skip
def test_setting_that_cannot_be_used_stops_the_start_with_one_sentence(tmp_path, changes, named):
    done = start(tmp_path, "-c", "import portal.settings.base", **changes)
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("Gatehouse cannot start: ")
    assert lines[0].endswith(".")
    assert named in lines[0]


def test_staff_need_a_second_factor_in_production_unless_it_is_switched_off(tmp_path):
    show = ("-c", "from portal.settings import base; print(base.STAFF_REQUIRE_MFA, base.MFA_GROUPS, base.OIDC)")
    assert start(tmp_path, *show).stdout == "True [] {}\n"
    done = start(tmp_path, *show, STAFF_REQUIRE_MFA="off", MFA_GROUPS="Committee, Board of Trustees",
                 OIDC_SERVER_URL="https://id.example/realm/", OIDC_CLIENT_ID="x", OIDC_CLIENT_SECRET="$y")  # fmt: skip
    assert done.stdout.startswith(
        "False ['Committee', 'Board of Trustees'] {'provider_id': 'sso', 'name': 'id.example'"
    )
    assert "'secret': '$y'" in done.stdout


def test_sentence_never_repeats_a_secret(tmp_path):
    password = secrets.token_hex(8)
    for changes in ({"DATABASE_URL": f"mysql://u:{password}@db/x"}, {"CACHE_URL": f"memcached://:{password}@host"},
                    {"DATABASE_URL": f"postgres://u:{password}@db:port/x"},
                    {"EMAIL_URL": f"pigeon://u:{password}@roof"}):  # fmt: skip
        done = start(tmp_path, "-c", "import portal.settings.base", **changes)
        assert done.returncode == 1
        assert password not in done.stderr + done.stdout


@pytest.mark.parametrize("command", [("manage.py", "check"), ("manage.py", "migrate"), ("manage.py", "run_due"),
                                     ("manage.py", "db_worker")])  # fmt: skip
def test_each_command_stops_with_the_sentence_alone(tmp_path, command):
    done = start(tmp_path, *command, SECRET_KEY=None)
    assert done.returncode != 0
    sentence = "Gatehouse cannot start: SECRET_KEY is not set. Put at least fifty random characters into it.\n"
    assert done.stderr == sentence
    assert done.stdout == ""


def test_gunicorn_stops_with_the_sentence_and_does_not_try_again(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = ("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "portal.wsgi")
    done = start(tmp_path, *command, SECRET_KEY=None, PORT=port)
    assert done.returncode not in (0, -signal.SIGKILL)
    assert done.stderr.count("SECRET_KEY is not set") == 1
    assert "Traceback" not in done.stderr
    assert "Booting worker" not in done.stderr


@pytest.mark.parametrize(("name", "value"), [("PORT", "http"), ("PORT", "70000"), ("WEB_PROCESSES", "0"),
                                             ("WEB_THREADS", "many")])  # fmt: skip
def test_gunicorn_names_the_number_that_is_none(tmp_path, name, value):
    done = start(tmp_path, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "portal.wsgi", **{name: value})
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"Gatehouse cannot start: {name} must be a number from 1 to ")
    assert len(done.stderr.splitlines()) == 1


def test_address_of_the_database_may_ask_for_tls(tmp_path):
    show = ("-c", "from portal.settings import base; print(base.DATABASES['default']['OPTIONS'])")
    done = start(tmp_path, *show, DATABASE_URL="postgres://u:p@db/x?sslmode=verify-full")
    pool = "{'min_size': 0, 'max_size': 16, 'timeout': 10, 'reconnect_timeout': 5}"
    assert done.stdout == f"{{'sslmode': 'verify-full', 'pool': {pool}}}\n"


def test_production_has_what_keeps_people_safe(tmp_path):
    code = (
        "import django; django.setup(); from django.conf import settings as s;"
        "print(s.DEBUG, s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_NAME, s.SECURE_SSL_REDIRECT,"
        " s.SECURE_HSTS_SECONDS, s.DEMO_ALLOWED, s.ALLOWED_HOSTS, s.PASSWORD_HASHERS)"
    )
    done = start(tmp_path, "-c", code)
    assert done.stdout.strip() == (
        "False __Host-session True __Host-csrf True 31536000 False ['members.example.org'] "
        "['members.hashers.Argon2Hasher']"
    ), done.stderr


def test_library_for_buckets_is_not_loaded_where_papers_are_in_a_folder(tmp_path):
    """It takes a tenth of a start, and memory in each process."""
    code = (
        "import django, sys; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns;"
        "print(sorted({'boto3', 'botocore'} & set(sys.modules)))"
    )
    assert start(tmp_path, "-c", code).stdout == "[]\n"


def test_production_refuses_the_demonstration(tmp_path):
    done = start(tmp_path, "manage.py", "demo", "--prepare")
    assert done.returncode == 1
    assert "This is a production site" in done.stderr
    assert not (tmp_path / "db.sqlite3").exists()


def test_debug_cannot_be_switched_on_in_production(tmp_path):
    code = "import django; django.setup(); from django.conf import settings; print(settings.DEBUG)"
    done = start(tmp_path, "-c", code, DEBUG="1")
    assert done.stdout.strip() == "False"


def test_two_demonstrations_share_no_key_and_one_keeps_its_own(tmp_path):
    def key_of(folder: Path) -> str:
        code = "from django.conf import settings; print(settings.SECRET_KEY)"
        changes = {"DJANGO_SETTINGS_MODULE": "portal.settings.dev", "SECRET_KEY": None}
        return start(folder, "-c", code, **changes).stdout.strip()

    one, other = tmp_path / "one", tmp_path / "other"
    assert len(key_of(one)) >= 50
    assert key_of(one) == key_of(one)
    assert key_of(one) != key_of(other)
    assert (one / "secret_key").stat().st_mode & 0o077 == 0


def test_secret_key_may_begin_with_a_dollar(tmp_path):
    key = "$" + secrets.token_urlsafe(60)
    done = start(tmp_path, "-c", "from django.conf import settings; print(settings.SECRET_KEY)", SECRET_KEY=key)
    assert done.stdout.strip() == key


def test_demonstrations_processes_that_start_at_once_have_one_whole_key(tmp_path):
    from portal.settings.dev import own_secret_key

    together = threading.Barrier(16)
    with ThreadPoolExecutor(16) as threads:
        keys = set(threads.map(lambda _: (together.wait(), own_secret_key(tmp_path))[1], range(16)))
    (key,) = keys
    assert len(key) == 50
    (file,) = tmp_path.iterdir()
    assert (file.name, file.read_text(), file.stat().st_mode & 0o777) == ("secret_key", key, 0o600)


@pytest.mark.parametrize(
    ("address", "kind", "told"),
    [
        ("http://cache:6081", "HTTPBackend", {"LOCATION": "http://cache:6081"}),
        ("cloudflare://zone", "CloudflareBackend", {"ZONEID": "zone", "BEARER_TOKEN": "a token"}),
        ("cloudfront://E1", "CloudfrontBackend", {"DISTRIBUTION_ID": "E1"}),
    ],
)
def test_delivery_network_is_named_by_its_address(address, kind, told, monkeypatch):
    from portal.settings.connections import edge, environ

    monkeypatch.setenv("EDGE_SECONDS", "60")
    monkeypatch.setenv("EDGE_PURGE_URL", address)
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "a token")
    backend = {"BACKEND": f"wagtail.contrib.frontend_cache.backends.{kind}"} | told
    assert edge(environ.Env()) == (60, {"default": backend})


@pytest.mark.parametrize("language", ["en", "en-gb"])
def test_times_are_written_as_on_the_site_whatever_english_the_administration_speaks(language):
    with translation.override(language):
        assert (
            date_format(datetime.datetime(2026, 11, 24, 1, 58, tzinfo=datetime.UTC), "DATETIME_FORMAT")
            == "24 November 2026, 01:58"
        )
        assert date_format(datetime.time(13, 5), "TIME_FORMAT") == "13:05"
