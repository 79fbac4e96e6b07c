"""nginx in front of the site as `deploy/nginx` has it, and beside it one of plain files with the same TLS and log."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.machine import free_port
from bench.servers import HOST, Server
from deploy.nginx.render import Front, render

MAIN = """\
{user}worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    client_body_temp_path {folder}/temp/body;
    proxy_temp_path {folder}/temp/proxy;
    fastcgi_temp_path {folder}/temp/fastcgi;
    uwsgi_temp_path {folder}/temp/uwsgi;
    scgi_temp_path {folder}/temp/scgi;
    include {folder}/site.conf;
    server {{
        listen 127.0.0.1:{plain} ssl http2;
        server_name {host};
        ssl_certificate {folder}/certificate.pem;
        ssl_certificate_key {folder}/key.pem;
        access_log {folder}/access.log gatehouse;
        sendfile on;
        tcp_nopush on;
        root {folder}/files;
    }}
}}
"""


@dataclass(frozen=True)
class Proxy:
    """The port of the site through nginx, that of the plain files, and the folder of those."""

    port: int
    plain_port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def plain_url(self) -> str:
        return f"https://127.0.0.1:{self.plain_port}"

    def temporary_bytes(self) -> int:
        """What nginx has put aside on the disk."""
        return sum(file.stat().st_size for file in (self.folder / "temp").rglob("*") if file.is_file())


@contextmanager
def in_front_of(server: Server, folder: Path, files: dict[str, Path]) -> Iterator[Proxy]:
    """`files` are what the plain server hands out, by name."""
    shutil.rmtree(folder, ignore_errors=True)
    for each in ("temp", "cache", "files"):
        (folder / each).mkdir(parents=True)
    for name, file in files.items():
        os.link(file, folder / "files" / name)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    openssl = shutil.which("openssl") or "openssl"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    proxy = Proxy(free_port(), free_port(), folder)
    front = Front(
        base_url=f"https://{HOST}", data_dir=server.site.data, webs=(f"127.0.0.1:{server.port}",),
        certificate=certificate, key=key, https=f"127.0.0.1:{proxy.port}", http=f"127.0.0.1:{free_port()}",
        cache=folder / "cache", log=folder / "access.log",
    )  # fmt: skip
    (folder / "site.conf").write_text(render(front))
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(user=user, folder=folder, plain=proxy.plain_port, host=HOST))
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "nginx"
    process = subprocess.Popen([program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
    try:
        _wait_until_open(proxy, process)
        yield proxy
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _wait_until_open(proxy: Proxy, process: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        with suppress(OSError), socket.create_connection(("127.0.0.1", proxy.port), timeout=1):
            return
        assert process.poll() is None, f"nginx ended; see {proxy.folder / 'error.log'}."
        time.sleep(0.02)
    raise AssertionError("nginx does not answer.")
