"""Nobody may change papers until somebody says in which folder.

Wagtail lets its Editors and Moderators begin with every document of every collection, where even a title can be
confidential. The administrator names a folder's editors while making it (docs/operator.md).
"""

from django.db import migrations

GROUPS = ("Editors", "Moderators")
ACTIONS = ("add_document", "change_document", "choose_document")


def take_away(apps, schema_editor):
    apps.get_model("wagtailcore", "GroupCollectionPermission").objects.filter(
        group__name__in=GROUPS,
        collection__depth=1,
        permission__content_type__app_label="wagtaildocs",
        permission__codename__in=ACTIONS,
    ).delete()


def give_back(apps, schema_editor):
    root = apps.get_model("wagtailcore", "Collection").objects.get(depth=1)
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="wagtaildocs", codename__in=ACTIONS
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=GROUPS):
        for permission in permissions:
            apps.get_model("wagtailcore", "GroupCollectionPermission").objects.get_or_create(
                group=group, collection=root, permission=permission
            )


class Migration(migrations.Migration):
    dependencies = [
        ("fileshare", "0001_initial"),
        ("wagtaildocs", "0011_add_choose_permissions"),
    ]

    operations = [migrations.RunPython(take_away, give_back)]
