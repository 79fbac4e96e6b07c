"""Papers in a bucket. A module of its own: the library for it takes a tenth of a start and 30 MB, wanted or not."""

from __future__ import annotations

import datetime
import io
import posixpath
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import urlsplit

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import SuspiciousFileOperation
from django.utils.crypto import get_random_string
from django.utils.deconstruct import deconstructible
from storages.backends.s3 import S3Storage

from fileshare.storage import Pieces, StoreAway

SIGNED_FOR = 60  # seconds
# Seconds: a store that hangs must not hold the site with it. (botocore's own: a minute each, five times.)
CONNECT_WITHIN, READ_WITHIN, TRIES = 3, 30, 2


@deconstructible(path="fileshare.object_storage.PrivateObjectStorage")
class PrivateObjectStorage(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """A bucket of an S3 server. Credentials come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)."""

    client_config: Any  # botocore's

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        patience = Config(
            connect_timeout=CONNECT_WITHIN, read_timeout=READ_WITHIN, retries={"total_max_attempts": TRIES}
        )
        self.client_config = self.client_config.merge(patience)

    def get_default_settings(self) -> dict[str, Any]:
        return super().get_default_settings() | {
            "file_overwrite": False,
            "default_acl": None,
            "custom_domain": None,
            "querystring_auth": True,
            "querystring_expire": SIGNED_FOR,
            "signature_version": "s3v4",
            "addressing_style": "path",
        }

    def url(self, name: str, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError("Private files have no address.")

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        """Raises StoreAway, where a folder of this machine raises OSError by itself: also when the store is asked
        whether the name is free."""
        try:
            return str(super().save(name, content, max_length))
        except (BotoCoreError, Boto3Error, ClientError) as error:
            raise StoreAway(str(error)) from error

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """As Django's, but that it asks about two names: a store which says of each that it is taken would be asked for
        ever. Raises StoreAway; SuspiciousFileOperation."""
        root, ending = posixpath.splitext(name)
        for added in ("", f"_{get_random_string(7)}"):
            room = len(root) if max_length is None else max_length - len(added) - len(ending)
            if room <= len(posixpath.dirname(name)) + 1:
                raise SuspiciousFileOperation("The name leaves no room for a file's own.")
            free = f"{root[:room]}{added}{ending}"
            if not self.exists(free):
                return free
        raise StoreAway("It says of each name that it is taken.")

    def read_range(self, name: str, start: int, length: int) -> Pieces:
        if length == 0:
            self.size(name)
            return Pieces(io.BytesIO(), 0)
        client, last = self.connection.meta.client, start + length - 1
        try:
            answer = client.get_object(Bucket=self.bucket_name, Key=self._key(name), Range=f"bytes={start}-{last}")
        except client.exceptions.NoSuchKey as error:
            raise FileNotFoundError(name) from error
        return Pieces(answer["Body"], length)

    def internal_address(self, name: str) -> str:
        """Path and query of a signed address, good for the beginning of an answer only."""
        signed: str = self.connection.meta.client.generate_presigned_url(
            "get_object", {"Bucket": self.bucket_name, "Key": self._key(name)}, ExpiresIn=SIGNED_FOR
        )
        parts = urlsplit(signed)
        return f"{parts.path.lstrip('/')}?{parts.query}"

    def get_modified_time(self, name: str) -> datetime.datetime:
        """As the folder has it: FileNotFoundError where nothing lies under this name."""
        try:
            moment: datetime.datetime = super().get_modified_time(name)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
                raise FileNotFoundError(name) from error
            raise
        return moment

    def _key(self, name: str) -> str:
        return str(self._normalize_name(name))
