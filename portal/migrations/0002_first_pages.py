"""The pages that a new site begins with: a front page and the news list, in place of Wagtail's welcome page."""

from django.db import migrations


def make_pages(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    HomePage = apps.get_model("portal", "HomePage")
    NewsIndexPage = apps.get_model("portal", "NewsIndexPage")
    Locale = apps.get_model("wagtailcore", "Locale")

    Page.objects.filter(depth=2, slug="home").delete()
    locale = Locale.objects.get()

    def content_type(model):
        return ContentType.objects.get_or_create(app_label="portal", model=model)[0]

    home = HomePage.objects.create(
        title="Home",
        draft_title="Home",
        slug="home",
        content_type=content_type("homepage"),
        path="00010001",
        depth=2,
        numchild=1,
        url_path="/home/",
        locale=locale,
    )
    NewsIndexPage.objects.create(
        title="News",
        draft_title="News",
        slug="news",
        content_type=content_type("newsindexpage"),
        path="000100010001",
        depth=3,
        numchild=0,
        url_path="/home/news/",
        show_in_menus=True,
        locale=locale,
    )
    Page.objects.filter(depth=1).update(numchild=1)
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "localhost", "port": 80, "root_page_id": home.pk}
    )


def remove_pages(apps, schema_editor):
    apps.get_model("wagtailcore", "Site").objects.all().delete()
    apps.get_model("portal", "NewsIndexPage").objects.all().delete()
    apps.get_model("portal", "HomePage").objects.all().delete()
    apps.get_model("wagtailcore", "Page").objects.filter(depth=1).update(numchild=0)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0001_initial"),
        ("wagtailcore", "0054_initial_locale"),
    ]

    operations = [migrations.RunPython(make_pages, remove_pages)]
