"""Static files under names that change with their content, so that browsers may keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Modules name each other by these names too: else a browser would ask for each of them again, and after an update
    might put a new one together with an old one."""

    support_js_module_import_aggregation = True
