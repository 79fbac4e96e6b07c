"""The portal app: the site itself."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Site"

    def ready(self) -> None:
        from fileshare import hearing, remembered  # noqa: PLC0415 -- when settings and models are there
        from portal import (  # noqa: PLC0415 -- as above
            admin_scripts,
            checks,  # noqa: F401 -- registers itself
            edge,
            freshness,
            mentions,
            ops,
            personal_data,
            receivers,
            record_words,
            wagtail_comments,
            wagtail_pictures,
        )
        from portal.notifications import audience  # noqa: PLC0415 -- as above
        from portal.services import roles, site_address  # noqa: PLC0415 -- needs the models

        admin_scripts.install()
        receivers.connect()
        edge.connect()
        record_words.register()
        mentions.register()
        remembered.register(freshness.kept)
        hearing.register(audience.said_of_paper)
        personal_data.register_all()
        ops.connect()
        wagtail_comments.register_policy()
        wagtail_pictures.register_policy()
        post_migrate.connect(roles.ensure_roles, sender=self, dispatch_uid="portal.roles")
        post_migrate.connect(site_address.follow_base_url, sender=self, dispatch_uid="portal.site_address")
