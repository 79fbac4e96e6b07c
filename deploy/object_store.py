"""An S3 server for this machine alone: SeaweedFS, whose one binary comes with `requirements-dev.txt`."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

WEED = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
BUCKET = "papers"


def free_ports(count: int, first: int = 21_000) -> list[int]:
    """Ports whose neighbour 10,000 above, which SeaweedFS takes as well, is free too; below those that the machine
    gives to connections. Processes that look at the same time begin in different places."""
    found: list[int] = []
    with contextlib.ExitStack() as held:
        for port in range(first, 29_000):
            with contextlib.suppress(OSError):
                for each in (port, port + 10_000):
                    held.enter_context(socket.create_server(("127.0.0.1", each)))
                found.append(port)
            if len(found) == count:
                return found
    raise RuntimeError("no free ports")


def command(folder: Path, ports: Sequence[int], *, key: str, secret: str, address: str = "127.0.0.1") -> list[str]:
    """How to start the server, without telemetry and with its file browser, which hands out bytes unsigned, closed.
    Four of `free_ports`, of which the first answers, at `address`; what asks for no signature stays on this machine.
    Writes its one identity into the folder, which is there."""
    identity = {
        "name": "site",
        "credentials": [{"accessKey": key, "secretKey": secret}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    identities = folder / "s3.json"
    identities.touch(mode=0o600)
    identities.write_text(json.dumps({"identities": [identity]}))
    s3, master, volume, filer = ports
    return [
        str(WEED), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
        f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", "-filer.disableHttp",
        "-s3", f"-s3.ip.bind={address}", f"-s3.port={s3}", "-s3.port.iceberg=0", "-s3.port.lance=0",
        f"-s3.config={identities}", "-volume.max=100", "-master.volumeSizeLimitMB=64",
    ]  # fmt: skip


def has_bucket(address: str, *, key: str, secret: str) -> bool:
    """Make the bucket where it is not there yet. False while the server does not answer."""
    client = boto3.client(
        "s3", endpoint_url=address, aws_access_key_id=key, aws_secret_access_key=secret, region_name="us-east-1",
        config=Config(signature_version="s3v4", connect_timeout=1, retries={"max_attempts": 0}),
    )  # fmt: skip
    try:
        client.create_bucket(Bucket=BUCKET)
    except (client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists):
        return True
    except (BotoCoreError, ClientError):
        return False
    return True
