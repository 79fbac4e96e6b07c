"""The members app."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "Members"

    def ready(self) -> None:
        from members import (  # noqa: PLC0415 -- needs the models
            personal_data,
            receivers,
            sign_in_receivers,
            wagtail_policy,
        )

        wagtail_policy.register()
        receivers.connect()
        sign_in_receivers.connect()
        personal_data.register_all()
