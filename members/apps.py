"""The members app."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "Members"

    def ready(self) -> None:
        from members import receivers, wagtail_policy  # noqa: PLC0415 -- needs the models

        wagtail_policy.register()
        receivers.connect()
