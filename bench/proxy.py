"""nginx in front of the site as `deploy/nginx` has it, and beside it one of plain files with the same TLS and log."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.servers import HOST, Server
from deploy.nginx.render import Front
from deploy.processes import free_port, is_open, running
from deploy.services import make_certificate, nginx_in

PLAIN = """\
    server {{
        listen 127.0.0.1:{plain} ssl http2;
        server_name {host};
        ssl_certificate {folder}/certificate.pem;
        ssl_certificate_key {folder}/key.pem;
        access_log {folder}/access.log gatehouse;
        sendfile on;
        tcp_nopush on;
        root {folder}/files;
{store}    }}
"""
STORE = """\
        location /store/ {{
            proxy_pass {store}/;
            proxy_set_header Host {host};
            proxy_set_header Connection "";
            proxy_http_version 1.1;
            proxy_max_temp_file_size 0;
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
def in_front_of(server: Server, folder: Path, files: dict[str, Path], *, store: str = "") -> Iterator[Proxy]:
    """`files` are what the plain server hands out, by name; below `/store/` it hands out what lies in the store."""
    shutil.rmtree(folder, ignore_errors=True)
    for each in ("temp", "cache", "files"):
        (folder / each).mkdir(parents=True)
    for name, file in files.items():
        os.link(file, folder / "files" / name)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    make_certificate(certificate, key, HOST)
    proxy = Proxy(free_port(), free_port(), folder)
    front = Front(
        base_url=f"https://{HOST}", data_dir=server.site.data, webs=(f"127.0.0.1:{server.port}",),
        certificate=certificate, key=key, https=f"127.0.0.1:{proxy.port}", http=f"127.0.0.1:{free_port()}",
        cache=folder / "cache", log=folder / "access.log", store=store,
    )  # fmt: skip
    directly = STORE.format(store=store, host=urlsplit(store).netloc) if store else ""
    more = PLAIN.format(folder=folder, plain=proxy.plain_port, host=HOST, store=directly)
    nginx = nginx_in(folder, front, name="nginx", log=folder / "error.log", workers="1", more=more)
    with running(nginx):
        nginx.wait_until(lambda: is_open(proxy.port))
        yield proxy
