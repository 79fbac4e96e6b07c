"""The file store: a bucket of an S3 server, or a folder."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage

from deploy.processes import free_port
from fileshare import object_storage
from fileshare.object_storage import PrivateObjectStorage
from fileshare.storage import PrivateFolderStorage
from tests.drills.faults import AT_ONCE, NotHere, servers


@contextmanager
def _store(other: Any) -> Iterator[None]:
    before, default_storage._wrapped = default_storage._wrapped, other
    try:
        yield
    finally:
        default_storage._wrapped = before


@contextmanager
def _bucket_at(port: int) -> Iterator[None]:
    before = object_storage.CONNECT_WITHIN, object_storage.READ_WITHIN
    object_storage.CONNECT_WITHIN = object_storage.READ_WITHIN = AT_ONCE
    try:
        with _store(
            PrivateObjectStorage(
                bucket_name="papers", access_key="x", secret_key="x", region_name="x",
                endpoint_url=f"http://127.0.0.1:{port}",
            )
        ):  # fmt: skip
            yield
    finally:
        object_storage.CONNECT_WITHIN, object_storage.READ_WITHIN = before


@contextmanager
def store_away() -> Iterator[None]:
    with _bucket_at(free_port()):
        yield


@contextmanager
def store_hangs() -> Iterator[None]:
    with servers.silent() as port, _bucket_at(port):
        yield


def _saying(answer: Callable[[Any], None]) -> Callable[[], Any]:
    @contextmanager
    def fault() -> Iterator[None]:
        with servers.bucket(answer) as port, _bucket_at(port):
            yield

    return fault


def _with_connections(talk: Callable[..., None]) -> Callable[[], Any]:
    @contextmanager
    def fault() -> Iterator[None]:
        with servers.talking(talk) as port, _bucket_at(port):
            yield

    return fault


store_asks_for_patience = _saying(servers.s3_error(503, "SlowDown"))
store_fails = _saying(servers.s3_error(500, "InternalError"))
store_refuses = _saying(servers.s3_error(403, "AccessDenied"))
store_finds_the_clock_wrong = _saying(servers.s3_error(403, "RequestTimeTooSkewed"))
store_has_no_bucket = _saying(servers.s3_error(404, "NoSuchBucket"))
store_has_a_page_for_people = _saying(servers.page_for_people)
store_hangs_up = _with_connections(servers.hang_up)
store_is_something_else = _with_connections(lambda connection: connection.sendall(b"220 mail.example.org ESMTP\r\n"))
store_full = _saying(servers.reads_from(Path(settings.PRIVATE_ROOT)))
store_cuts_short = _saying(servers.reads_from(Path(settings.PRIVATE_ROOT), half=True))


# --- A folder -----------------------------------------------------------------------------------------------------
@contextmanager
def folder_away() -> Iterator[None]:
    """The disk is not where it was."""
    folder = Path(settings.PRIVATE_ROOT)
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


@contextmanager
def _disk(options: str = "nr_inodes=10000") -> Iterator[Path]:
    """The store on a small file system of its own, which root alone can have."""
    place = Path(settings.DATA_DIR) / "disk"
    place.mkdir(exist_ok=True)
    used = sum(file.stat().st_size for file in Path(settings.PRIVATE_ROOT).rglob("*") if file.is_file())
    size = f"size={2 * used + 8 * 1024 * 1024}"
    mount = ["mount", "-t", "tmpfs", "-o", size if options == "ro" else f"{size},{options}", "tmpfs", place]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        raise NotHere
    try:
        subprocess.run(["cp", "-a", f"{settings.PRIVATE_ROOT}/.", place], check=True)
        if options == "ro":
            subprocess.run(["mount", "-o", f"remount,{options}", place], check=True)
        with _store(PrivateFolderStorage(location=str(place))):
            yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@contextmanager
def folder_full() -> Iterator[None]:
    with _disk() as place, (place / "filler").open("wb") as filler:
        with suppress(OSError):
            while filler.write(bytes(64 * 1024)):
                filler.flush()
        yield


@contextmanager
def folder_only_reads() -> Iterator[None]:
    with _disk("ro"):
        yield


@contextmanager
def folder_has_no_entry_left() -> Iterator[None]:
    """There is room, but none for the name of a file."""
    with _disk("nr_inodes=400") as place:
        with suppress(OSError):
            for number in range(400):
                (place / str(number)).touch()
        yield


@contextmanager
def _papers(change: Callable[[Path], None]) -> Iterator[None]:
    """Something has happened to whatever lies in the folder."""
    folder = Path(settings.PRIVATE_ROOT)
    aside = folder.with_name("aside")
    shutil.copytree(folder, aside)
    for file in folder.rglob("*"):
        if file.is_file():
            change(file)
    try:
        yield
    finally:
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        shutil.rmtree(aside)


@contextmanager
def folder_has_lost_papers() -> Iterator[None]:
    with _papers(Path.unlink):
        yield


@contextmanager
def folder_has_half_of_papers() -> Iterator[None]:
    def halve(file: Path) -> None:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    with _papers(halve):
        yield
