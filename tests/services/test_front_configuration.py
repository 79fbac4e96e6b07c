"""What `python -m deploy.nginx.render` writes, read by nginx itself; and what it says to an operator who slips."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

from deploy.nginx.render import TEMPLATE, loads_brotli
from deploy.processes import ROOT, free_port
from deploy.services import NGINX, NGINX_BROTLI, lacking, nginx_program
from fileshare import contribution_form
from members import csv_register

STORE = {"PRIVATE_STORAGE": "s3", "S3_ENDPOINT_URL": "https://127.0.0.1:9000"}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.nginx.render", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "BASE_URL": "https://www.example.org", "DATA_DIR": "/srv/site", **environment},
    )  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if missing := [sentence for sentence in lacking() if "nginx" in sentence or "openssl" in sentence]:
        pytest.skip(" ".join(missing))
    folder = tmp_path_factory.mktemp("nginx")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=www.example.org",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"], check=True, capture_output=True,
    )  # fmt: skip
    return folder


@pytest.mark.parametrize("brotli", ["--no-brotli", "--brotli"])
@pytest.mark.parametrize("storage", [{}, STORE], ids=["folder", "store"])
def test_nginx_understands_the_configuration(certificate, storage, brotli):
    folder, modules = certificate, ""
    if brotli == "--brotli":
        if not NGINX_BROTLI.exists():
            pytest.skip("this nginx has no such module: libnginx-mod-http-brotli-static")
        modules = f"load_module {NGINX_BROTLI};\n"
    written = run(
        brotli,
        "--web=127.0.0.1:8001", "--web=127.0.0.1:8002", f"--certificate={folder / 'certificate.pem'}",
        f"--key={folder / 'key.pem'}", f"--https=127.0.0.1:{free_port()}", f"--http=127.0.0.1:{free_port()}",
        f"--cache={folder / 'cache'}", f"--log={folder / 'access.log'}", **storage,
    )  # fmt: skip
    assert (written.returncode, written.stderr) == (0, "")
    assert ("brotli_static on;" in written.stdout) == bool(modules)
    (folder / "site.conf").write_text(written.stdout)
    (folder / "temp").mkdir(exist_ok=True)
    (folder / "nginx.conf").write_text(NGINX.format(modules=modules, user="", folder=folder, workers="auto", more=""))
    tested = subprocess.run(
        [nginx_program(), "-t", "-c", folder / "nginx.conf", "-p", folder], capture_output=True, text=True, check=False
    )
    assert "test is successful" in tested.stderr, tested.stderr
    assert not [line for line in tested.stderr.splitlines() if "[warn]" in line and '"user"' not in line]


@pytest.mark.parametrize(
    ("files", "loads"),
    [
        ({}, False),
        ({"nginx.conf": "load_module modules/ngx_http_brotli_static_module.so;\n"}, True),
        ({"nginx.conf": "# load_module modules/ngx_http_brotli_static_module.so;\n"}, False),
        ({"modules-enabled/50-brotli.conf": "load_module modules/ngx_http_brotli_static_module.so;\n"}, True),
        ({"modules-enabled/50-brotli.conf": "load_module modules/ngx_http_brotli_filter_module.so;\n"}, False),
        ({"modules-available/brotli.conf": "load_module modules/ngx_http_brotli_static_module.so;\n"}, False),
    ],
)
def test_brotli_is_configured_where_nginx_loads_its_module(tmp_path, files, loads):
    """Else nginx would not start: it stops at a word that it does not know."""
    (tmp_path / "modules-enabled").mkdir()
    (tmp_path / "modules-enabled" / "60-gone.conf").symlink_to(tmp_path / "gone")
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert loads_brotli(tmp_path) is loads


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"BASE_URL": ""}, "BASE_URL must be the site's public address, and begin with https://."),
        (
            {"BASE_URL": "http://www.example.org"},
            "BASE_URL must be the site's public address, and begin with https://.",
        ),
        ({"DATA_DIR": "var"}, "DATA_DIR must be the whole path of the folder that the site writes to."),
        (
            STORE | {"S3_ENDPOINT_URL": ""},
            "PRIVATE_STORAGE is “s3”, so S3_ENDPOINT_URL must name the store that nginx fetches from.",
        ),
    ],
)
def test_variable_that_cannot_be_used_is_named(wrong, sentence):
    done = run(**wrong)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{sentence}\n")


def test_limits_of_bodies_agree_with_the_forms():
    """What the site takes, nginx lets pass, and not much more."""
    found = re.findall(r"(?:location (\S+) \{\n\s+)?client_max_body_size (\d+)m;", TEMPLATE.read_text())
    limits = {where: int(size) * 1024**2 for where, size in found}
    wanted = {
        "": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "/admin/": max(settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE, csv_register.LARGEST_FILE),
        "/admin/documents/": settings.WAGTAILDOCS_MAX_UPLOAD_SIZE,
        "/files/document/contribute/": contribution_form.MOST_FILES * contribution_form.LARGEST,
    }
    assert limits.keys() == wanted.keys()
    for where, size in wanted.items():
        assert size < limits[where] <= size * 1.3, where


@pytest.mark.parametrize("storage", [{}, STORE], ids=["folder", "store"])
def test_place_with_headers_of_its_own_has_those_of_every_answer(storage):
    """nginx takes over none from around it where there is one."""
    places = re.split(r"\n    (?=location |server )", run("--no-brotli", **storage).stdout.partition(" ssl http2;")[2])
    own = [place for place in places if "add_header" in place]
    for name in ("Strict-Transport-Security", "X-Content-Type-Options", "X-Request-ID"):
        assert [place.partition(" {")[0] for place in own if f"add_header {name} " not in place] == []
    assert len(own) == 9, "the server's own, and eight places"
