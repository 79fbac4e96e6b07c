"""django-storages had no advisory of its own in 2025 and 2026; its hardening of February 2025 (1.14.5), tried here."""

from __future__ import annotations

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from fileshare.object_storage import PrivateObjectStorage

OUTSIDE = ["../outside", "papers/../../outside", "..", "papers/.."]


@pytest.mark.parametrize("name", [*OUTSIDE, "/outside"])
@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_cve_2024_39330_and_storages_1_14_5_name_that_leads_outside_is_refused_before_anything_is_sent(
    name, kind, monkeypatch
):
    """A store with a way of its own to make names could be given one that leads out of its place."""
    sent = []
    monkeypatch.setattr(PrivateObjectStorage, "exists", lambda _self, name: sent.append(name))
    monkeypatch.setattr("storages.backends.s3.S3Storage._save", lambda _self, name, _content: sent.append(name))
    store = default_storage if kind == "folder" else PrivateObjectStorage(bucket_name="papers", location="site")
    with pytest.raises(SuspiciousFileOperation):
        store.save(name, ContentFile(b"bytes"))
    assert sent == []
