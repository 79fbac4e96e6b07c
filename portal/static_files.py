"""Static files under names that change with their content, so that browsers may keep them for ever; packed once."""

from __future__ import annotations

from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from portal import packing


class QuickCompressor(Compressor):  # type: ignore[misc]  # whitenoise has no types
    """Whitenoise's takes brotli's best, which needs half a minute for all files, most of them the administration's;
    this needs a second, and they are a tenth larger."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return packing.by_brotli(data, quality=packing.FOR_A_FILE)


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Modules name each other by these names too: else a browser would ask for each of them again, and after an update
    might put a new one together with an old one."""

    support_js_module_import_aggregation = True

    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)
