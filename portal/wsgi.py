"""The WSGI entry: production settings unless the environment names others."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.base")

django = get_wsgi_application()

from portal.long_headers import refuse_long_headers  # noqa: E402 -- as the next
from portal.page_cache import PageCache  # noqa: E402 -- it reads the settings, which are there now

application = refuse_long_headers(PageCache(django))
