"""The file share app."""

from django.apps import AppConfig


class FileshareConfig(AppConfig):
    name = "fileshare"
    verbose_name = "File share"

    def ready(self) -> None:
        from fileshare import personal_data, receivers, record_words, wagtail_policy  # noqa: PLC0415 -- all need the models

        wagtail_policy.register()
        receivers.connect()
        record_words.register()
        personal_data.register_all()
