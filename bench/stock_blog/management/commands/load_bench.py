"""Loads what `bench.content` exported, so many posts and documents beside it, and says where everything is."""

import datetime
import json
from importlib import import_module
from pathlib import Path

from blog.models import Author, BlogIndexPage, BlogPage, FolderPage
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.core.files import File
from django.core.management.base import BaseCommand
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, Page, PageViewRestriction, Site

DOCUMENTS, POSTS, MENU = 60, 12, ("About", "Joining", "Contact")


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("content", type=Path)

    def handle(self, *args, **options):
        self.folder = options["folder"]
        post = json.loads(options["content"].read_text())["post"]
        site = Site.objects.get(is_default_site=True)
        home = site.root_page
        for title in MENU:
            home.add_child(instance=Page(title=title, show_in_menus=True))
        self.member = get_user_model().objects.create_user("member", first_name="Pat")
        papers = self.documents(post)
        news = home.add_child(instance=BlogIndexPage(title="News", slug="news", show_in_menus=True))
        address = self.posts(news, post, papers)
        folder = home.add_child(instance=FolderPage(title="Files", slug="files", collection=self.library))
        PageViewRestriction.objects.create(page=folder, restriction_type=PageViewRestriction.LOGIN)
        document = get_document_model().objects.filter(collection=self.library).first()
        said = {
            "post": address,
            "list": "/news/",
            "folder": "/files/",
            "small": document.url,
            "session": self.session(),
        }
        self.stdout.write(json.dumps(said))

    def documents(self, post):
        kind, root = get_document_model(), Collection.get_first_root_node()
        self.library = root.add_child(name="Library")
        for number in range(1, 10):
            root.refresh_from_db()
            root.add_child(name=f"Shelf {number}")
        with (self.folder / "small.txt").open("rb") as source:
            first = kind.objects.create(title="Measured", file=File(source, name="small.txt"), collection=self.library)
        first.get_file_hash()
        for number in range(DOCUMENTS):
            copy = kind.objects.create(
                title=f"Document {number}", file=first.file.name, file_size=first.file_size,
                collection=self.library, uploaded_by_user=self.member,
            )  # fmt: skip
            copy.tags.add("guidance")
        return {
            key: kind.objects.create(title=title, file=first.file.name, file_size=first.file_size).pk
            for key, title in post["papers"].items()
        }

    def pictures(self, post):
        made = {}
        for key, name in post["pictures"].items():
            with (self.folder / name).open("rb") as source:
                made[key] = get_image_model().objects.create(title=name, file=File(source, name=name))
        return made

    def posts(self, news, post, papers):
        pictures = self.pictures(post)
        body = json.dumps(self.renumbered(post["body"], pictures, papers))
        authors = [Author.objects.create(name=name) for name in post["authors"]]
        date = datetime.datetime.fromisoformat(post["date"])
        address = ""
        for number in range(POSTS):
            page = BlogPage(
                title=post["title"] if not number else f"{post['title']} {number}",
                date=date - datetime.timedelta(days=number - 1),
                standfirst=post["standfirst"],
                cover=pictures.get(str(post["cover"])),
                cover_alt=post["cover_alt"],
                body=body,
            )
            page.authors = authors
            page.tags.add(*post["topics"], *post["tags"])
            news.add_child(instance=page)
            address = address or page.url
        return address

    def renumbered(self, value, pictures, papers):
        """The stored blocks with this site's keys of pictures and documents."""
        if isinstance(value, list):
            return [self.renumbered(each, pictures, papers) for each in value]
        if not isinstance(value, dict):
            return value
        made = {}
        for name, inner in value.items():
            if name == "picture":
                made[name] = pictures[str(inner)].pk
            elif name == "documents":
                made[name] = [
                    item | {"value": papers[str(item["value"])]} for item in inner if str(item["value"]) in papers
                ]
            else:
                made[name] = self.renumbered(inner, pictures, papers)
        return made

    def session(self):
        """The key of a session in which the member is signed in."""
        store = import_module(settings.SESSION_ENGINE).SessionStore()
        store[SESSION_KEY] = str(self.member.pk)
        store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        store[HASH_SESSION_KEY] = self.member.get_session_auth_hash()
        store.save()
        return store.session_key
