"""The WSGI entry: production settings unless the environment names others."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.base")

django = get_wsgi_application()

from portal.page_cache import PageCache  # noqa: E402 -- it reads the settings, which are there now

application = PageCache(django)
