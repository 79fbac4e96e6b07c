"""Through nginx, with the papers in an object store: SeaweedFS, as `make services` has it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from bench.clients import wrk_bytes
from bench.proxy import in_front_of
from bench.rows import Bench, cookie_of
from bench.rows.proxied import large_file
from bench.servers import served
from bench.table import Line, at_least, compare, left_out
from deploy import object_store
from deploy.processes import Process, free_port, running

WHAT, AGAINST = "download of 200 MB through nginx, from SeaweedFS", "nginx proxying SeaweedFS directly"
GOOD_FOR = 3600  # seconds that the measured address is signed for


@dataclass
class Store:
    """A SeaweedFS of its own, whose files lie in `folder`."""

    folder: Path
    key: str = "bench"
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(20))
    ports: list[int] = field(default_factory=lambda: object_store.free_ports(4))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def environment(self) -> dict[str, str]:
        """What a site wants that keeps its papers here."""
        return {
            "PRIVATE_STORAGE": "s3", "S3_BUCKET": object_store.BUCKET, "S3_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret, "AWS_DEFAULT_REGION": "us-east-1",
        }  # fmt: skip

    @property
    def client(self) -> Any:
        return boto3.client(
            "s3", endpoint_url=self.address, aws_access_key_id=self.key, aws_secret_access_key=self.secret,
            region_name="us-east-1", config=Config(signature_version="s3v4"),
        )  # fmt: skip

    @contextmanager
    def runs(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = object_store.command(self.folder, self.ports, key=self.key, secret=self.secret)
        weed = Process("SeaweedFS", command, self.folder / "log")
        with running(weed):
            weed.wait_until(lambda: object_store.has_bucket(self.address, key=self.key, secret=self.secret))
            yield

    def bring(self, file: Path, key: str) -> str:
        """Store it, unless it is there, and return a signed address without the store's own."""
        known = self.client.list_objects_v2(Bucket=object_store.BUCKET, Prefix=key)
        if not known["KeyCount"]:
            self.client.upload_file(str(file), object_store.BUCKET, key)
        asked = {"Bucket": object_store.BUCKET, "Key": key}
        signed: str = self.client.generate_presigned_url("get_object", Params=asked, ExpiresIn=GOOD_FOR)
        return signed.removeprefix(self.address)


def downloads(bench: Bench) -> list[Line]:
    """The way with policy and record, against an nginx that fetches the same object without a question."""
    if not (bench.machine.nginx and bench.machine.wrk and object_store.WEED):
        return [left_out(WHAT, "There is no nginx, no wrk or no SeaweedFS.")]
    large, seconds = large_file(bench), max(bench.seconds, 4)
    store = Store(bench.machine.folder / "store")
    with store.runs():
        signed = store.bring(large, str(large.relative_to(bench.ours.data / "private")))
        with (
            served(bench.ours, free_port(), processes=2, DELIVERY="accel", **store.environment) as mine,
            in_front_of(mine, bench.machine.folder / "nginx", {}, store=store.address) as proxy,
        ):
            cookie = {"Cookie": cookie_of(bench.member_of_ours(mine))}
            found = compare(
                lambda: wrk_bytes(proxy.url + bench.content["large"], seconds=seconds, connections=4, headers=cookie),
                lambda: wrk_bytes(f"{proxy.plain_url}/store{signed}", seconds=seconds, connections=4),
                bench.rounds,
            )
    facts = {"MB/s": found.ours / 1e6, "direct MB/s": found.theirs / 1e6}
    return [at_least(WHAT, AGAINST, found.ratio, 0.9, **facts)]
