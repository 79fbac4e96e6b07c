"""nginx's configuration for this site, from `site.conf.template`: `python -m deploy.nginx.render --help`.

The address, the data and the object store are read from the same variables as the site reads them from.
"""

from __future__ import annotations

import argparse
import os
import re
import string
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

TEMPLATE = Path(__file__).with_name("site.conf.template")
BROTLI = "ngx_http_brotli_static_module.so"  # Debian: libnginx-mod-http-brotli-static
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
PRIVATE_FOLDER = """\
        etag off;
        if_modified_since off;
        add_header Last-Modified "";
        alias {folder}/private/;"""
PRIVATE_STORE = """\
        # A line about a store that fails would hold the signed address, which opens the paper for whoever reads it.
        # That it failed is in the access log, with the store's host.
        error_log /dev/null;
        proxy_pass {scheme}://gatehouse_store/;
        proxy_pass_request_headers off;
        proxy_set_header Host {host};
        proxy_set_header Connection "";
        proxy_set_header Range $private_range;
        proxy_pass_request_body off;
        add_header Accept-Ranges bytes always;
        proxy_ssl_server_name on;
        proxy_ssl_name {name};
        proxy_ssl_verify on;
        proxy_ssl_trusted_certificate {authorities};
        proxy_cache off;
        proxy_buffers 16 64k;
        proxy_busy_buffers_size 128k;
        proxy_intercept_errors on;
{hidden}"""
# Of the store's answer only its bytes, their length and their range are wanted.
HIDDEN = (
    "Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Type", "ETag", "Expires", "Last-Modified",
    "Seaweed-X-Amz-Etag", "Seaweed-X-Amz-Owner", "Set-Cookie", "Vary", "x-amz-checksum-crc32",
    "x-amz-checksum-crc64nvme", "x-amz-checksum-sha256", "x-amz-id-2", "x-amz-request-id",
    "x-amz-server-side-encryption", "x-amz-storage-class", "x-amz-version-id",
)  # fmt: skip


class _Template(string.Template):
    delimiter = "%"
    flags = 0
    idpattern = "[A-Z_]+"


@dataclass(frozen=True)
class Front:
    """What nginx must know. `listen` values are ports or addresses with ports; `store` is S3_ENDPOINT_URL, empty where
    the papers lie under `data_dir`. `brotli` says whether this nginx has the module that knows `brotli_static`."""

    base_url: str
    data_dir: Path
    webs: tuple[str, ...]
    certificate: Path
    key: Path
    https: str = "443"
    http: str = "80"
    cache: Path = Path("/var/cache/nginx/gatehouse")
    log: Path = Path("/var/log/nginx/gatehouse.log")
    store: str = ""
    brotli: bool = False


def _store(endpoint: str) -> tuple[str, str]:
    """The upstream of the object store, and how the private location asks it. The signature names the host, so that
    exactly that one is sent."""
    parts = urlsplit(endpoint)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    upstream = f"upstream gatehouse_store {{\n    server {parts.hostname}:{port};\n    keepalive 16;\n}}\n"
    hidden = "\n".join(f"        proxy_hide_header {name};" for name in HIDDEN)
    asked = PRIVATE_STORE.format(
        scheme=parts.scheme, host=parts.netloc, name=parts.hostname, authorities=AUTHORITIES, hidden=hidden
    )
    return upstream, asked


def render(front: Front) -> str:
    """The whole configuration. Raises KeyError for a name in the template that nothing stands for."""
    upstream, private = _store(front.store) if front.store else ("", PRIVATE_FOLDER.format(folder=front.data_dir))
    return _Template(TEMPLATE.read_text()).substitute(
        WEB="\n".join(f"    server {each} max_fails=1 fail_timeout=2s;" for each in front.webs),
        STORE=upstream,
        PRIVATE=private,
        CACHE=front.cache,
        LOG=front.log,
        HTTP=front.http,
        HTTPS=front.https,
        HOST=urlsplit(front.base_url).hostname,
        BASE_URL=front.base_url,
        CERTIFICATE=front.certificate,
        KEY=front.key,
        DATA_DIR=front.data_dir,
        BROTLI="        brotli_static on;\n" if front.brotli else "",
    )


def loads_brotli(etc: Path = Path("/etc/nginx")) -> bool:
    """Whether nginx as it is set up here loads the module; without it, the configuration would stop the start."""
    files = [file for file in (etc / "nginx.conf", *(etc / "modules-enabled").glob("*.conf")) if file.is_file()]
    return any(re.search(rf"^\s*load_module\s.*{re.escape(BROTLI)}", file.read_text(), re.MULTILINE) for file in files)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.nginx.render",
        description="Writes nginx's configuration to standard output. Reads BASE_URL, DATA_DIR, PRIVATE_STORAGE and "
        "S3_ENDPOINT_URL from the environment, as the site does.",
    )
    parser.add_argument("--web", action="append", metavar="HOST:PORT", help="a web process; once for each")
    parser.add_argument("--certificate", type=Path, help="default: where certbot puts it for the host of BASE_URL")
    parser.add_argument("--key", type=Path)
    parser.add_argument("--https", default=Front.https, metavar="PORT", help="or ADDRESS:PORT; default 443")
    parser.add_argument("--http", default=Front.http, metavar="PORT", help="leads to BASE_URL; default 80")
    parser.add_argument("--cache", type=Path, default=Front.cache, help="folder of the pages kept for a second")
    parser.add_argument(
        "--brotli", action=argparse.BooleanOptionalAction, default=loads_brotli(),
        help="send static files that lie there as brotli so; default: whether nginx loads its module here",
    )  # fmt: skip
    parser.add_argument("--log", type=Path, default=Front.log, help="access log, one JSON object a line")
    return parser.parse_args()


def main() -> None:
    given, env = _arguments(), os.environ
    base_url, data_dir = env.get("BASE_URL", "").rstrip("/"), env.get("DATA_DIR", "")
    storage, store = env.get("PRIVATE_STORAGE", "folder"), env.get("S3_ENDPOINT_URL", "")
    host = urlsplit(base_url).hostname
    if not base_url.startswith("https://") or not host:
        sys.exit("BASE_URL must be the site's public address, and begin with https://.")
    if not Path(data_dir).is_absolute():
        sys.exit("DATA_DIR must be the whole path of the folder that the site writes to.")
    if storage == "s3" and not urlsplit(store).hostname:
        sys.exit("PRIVATE_STORAGE is “s3”, so S3_ENDPOINT_URL must name the store that nginx fetches from.")
    certificates = Path("/etc/letsencrypt/live") / host
    front = Front(
        base_url=base_url,
        data_dir=Path(data_dir),
        webs=tuple(given.web or ["127.0.0.1:8000"]),
        certificate=given.certificate or certificates / "fullchain.pem",
        key=given.key or certificates / "privkey.pem",
        https=given.https,
        http=given.http,
        cache=given.cache,
        log=given.log,
        store=store if storage == "s3" else "",
        brotli=given.brotli,
    )
    sys.stdout.write(render(front))


if __name__ == "__main__":
    main()
