"""Wagtail's advisories of 2025 and 2026 that can apply here, each tried on this site. docs/security.md has the list."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.apps import apps
from django.test import Client
from wagtail.contrib.forms.models import FormSubmission
from wagtail.models import Collection, CollectionViewRestriction, Page

from portal.models import ContactPage, HomePage, NewsIndexPage, NewsPage, Picture, StandardPage, Topic
from tests.advisories.desk import holder, of_folder, of_pages
from tests.factories import make_folder, make_member, make_post
from tests.portal.reading import MARKER, make_note
from tests.portal.test_editor import add_address, fields
from tests.portal.test_storages import make_picture

pytestmark = pytest.mark.django_db
SPECS = ("width-9999|format-avif|width-1", "format-gif", "scale-10000", "max-1x1|nonsense")
AWAY = (302, "/admin/")  # as the administration refuses: back to its first page, with a sentence


def standard(title: str = "A page", **more: object) -> StandardPage:
    page = StandardPage(title=title, **more)
    HomePage.objects.get().add_child(instance=page)
    return page


def refused(answer: object) -> bool:
    """Refused, and without a word of what was asked for."""
    is_away = (answer.status_code, answer.get("Location")) == AWAY or answer.status_code in (403, 404)
    return is_away and MARKER not in answer.content.decode()


@pytest.fixture
def elsewhere():
    """Works on one page, and on nothing else."""
    return of_pages(standard("Ours"), "add", "change", "publish")


@pytest.fixture
def post():
    """With two revisions."""
    post = make_post(MARKER)
    for number in (1, 2):
        post.standfirst = f"{MARKER} {number}"
        post.save_revision()
    return post


def test_cve_2026_25517_preview_is_for_those_who_may_edit(elsewhere, post):
    """With fields of one's own making, the preview of any page, snippet or setting could be had."""
    topic = Topic.objects.create(name="Rain", slug="rain")
    for address in (
        add_address() + "preview/",
        f"/admin/pages/{post.pk}/edit/preview/",
        "/admin/settings/portal/sitesettings/1/preview/",
        f"/admin/snippets/portal/topic/preview/{topic.pk}/",
    ):
        assert refused(elsewhere.post(address, fields(MARKER))), address
        assert refused(elsewhere.get(address)), address
    own = of_pages(NewsIndexPage.objects.get(), "add", "change")
    assert own.post(f"/admin/pages/{post.pk}/edit/preview/", fields(MARKER)).json()["is_valid"] is True


def test_cve_2026_28222_class_of_a_table_s_cell_stays_inside_its_attribute(client):
    """The class of a cell was written into the page as it came."""
    evil = '"><script>alert(7731)</script><td class="'
    cell = {"row": 0, "col": 0, "className": evil, "hidden": False}
    merged = {"row": 1, "col": 0, "rowspan": 1, "colspan": evil}
    table = {
        "data": [["Day", "People"], ["Friday", "12"]], "cell": [cell], "mergeCells": [merged],
        "first_row_is_table_header": True, "table_header_choice": "row", "table_caption": evil,
    }  # fmt: skip
    page = client.get(make_post(body=[("table", table)]).url).content.decode()
    assert "Friday" in page
    assert "<script>alert" not in page


def test_cve_2026_44197_revisions_are_compared_by_those_who_may_edit(elsewhere, post):
    """Two revisions' numbers were enough."""
    first, second = post.revisions.order_by("pk").values_list("pk", flat=True)
    for page in (post, StandardPage.objects.get(title="Ours")):
        assert refused(elsewhere.get(f"/admin/pages/{page.pk}/revisions/compare/{first}...{second}/"))
    own = of_pages(post, "change")
    assert MARKER in own.get(f"/admin/pages/{post.pk}/revisions/compare/{first}...{second}/").content.decode()


def test_cve_2026_44198_history_is_for_those_who_may_edit(elsewhere, post):
    for address in ("history/", "history/results/", "workflow_history/"):
        assert refused(elsewhere.get(f"/admin/pages/{post.pk}/{address}")), address
    assert of_pages(post, "change").get(f"/admin/pages/{post.pk}/history/").status_code == 200


def test_cve_2026_44199_messages_are_deleted_on_their_own_page_alone():
    """The page was checked, and not whether the messages were that page's."""
    ours, theirs = (ContactPage(title=title, slug=title.lower()) for title in ("Ours", "Theirs"))
    for page in (ours, theirs):
        HomePage.objects.get().add_child(instance=page)
    message = FormSubmission.objects.create(page=theirs.page_ptr, form_data={"your_name": MARKER})
    own = FormSubmission.objects.create(page=ours.page_ptr, form_data={})
    client = of_pages(ours, "change")
    both = f"?selected-submissions={own.pk}&selected-submissions={message.pk}"
    for method in (client.get, client.post):
        assert MARKER not in method(f"/admin/forms/submissions/{ours.pk}/delete/{both}").content.decode()
    assert list(FormSubmission.objects.all()) == [message]


def test_cve_2026_44200_page_is_copied_by_those_who_may_work_on_it(post):
    """The place was checked, and not the page."""
    news = NewsIndexPage.objects.get()
    ours = news.add_child(instance=NewsIndexPage(title="Ours", slug="ours"))
    client, before = of_pages(ours, "add", "change", "publish"), Page.objects.count()
    address = f"/admin/pages/{post.pk}/copy/"
    filled = {"new_title": "Mine now", "new_slug": "mine", "new_parent_page": ours.pk, "publish_copies": "on"}
    assert refused(client.get(address))
    assert refused(client.post(address, filled))
    assert Page.objects.count() == before


def picture_in(place: Collection, title: str = MARKER) -> Picture:
    picture = make_picture(title, size=(40, 30))
    Picture.objects.filter(pk=picture.pk).update(collection=place)
    return Picture.objects.get(pk=picture.pk)


def listing(client: Client, kind: str) -> str:
    """What the administration's own interface lists, by each of its ways."""
    answers = [client.get(f"/admin/api/main/{kind}/{more}") for more in ("", f"?search={MARKER}", f"find/?id={1}")]
    return "".join(answer.content.decode() for answer in answers)


@pytest.mark.parametrize("depth", ["itself", "below"])
def test_cve_2026_44201_and_ghsa_c2xx_cjmh_9q8f_no_list_names_what_lies_in_a_private_folder(client, depth):
    """The interface for other programs named what lay in a private folder, and after that, in the folders inside it."""
    private = make_folder("Private")
    CollectionViewRestriction.objects.create(collection=private, restriction_type=CollectionViewRestriction.LOGIN)
    place = private if depth == "itself" else make_folder("Inside", parent=private)
    paper, picture = make_note(MARKER, collection=place), picture_in(place)
    ours = make_folder("Ours")
    editor = of_folder(ours, "add_document", "change_document", "add_image", "change_image")
    make_note("Our own", collection=ours), picture_in(ours, "Our own")
    for kind, thing in (("documents", paper), ("images", picture)):
        said = listing(editor, kind)
        assert "Our own" in said
        assert MARKER not in said
        assert refused(editor.get(f"/admin/api/main/{kind}/{thing.pk}/"))
        assert client.get(f"/api/v2/{kind}/").status_code == 404


@pytest.mark.parametrize("kind", ["documents", "images"])
def test_cve_2026_54259_chooser_names_what_may_be_chosen_alone(kind):
    """A guessed number was answered with title, name and address."""
    place = make_folder("Theirs")
    thing = make_note(MARKER, collection=place) if kind == "documents" else picture_in(place)
    right = f"choose_{kind.removesuffix('s')}"
    stranger, own = of_folder(make_folder("Ours"), right), of_folder(place, right)
    for address in (f"chosen/{thing.pk}/", f"chosen-multiple/?id={thing.pk}"):
        assert MARKER not in stranger.get(f"/admin/{kind}/chooser/{address}").content.decode(), address
        assert MARKER in own.get(f"/admin/{kind}/chooser/{address}").content.decode(), address


def test_cve_2026_54260_preview_of_a_picture_takes_no_spec_of_one_s_own(monkeypatch):
    """Whatever was asked for was drawn, however long it took."""
    place = make_folder()
    picture, client = picture_in(place), of_folder(place, "change_image")
    drawn = []
    monkeypatch.setattr("wagtail.images.models.Filter.run", lambda self, *_: drawn.append(self.spec))
    for spec in SPECS:
        assert client.get(f"/admin/images/{picture.pk}/preview/{spec}/").status_code == 400, spec
    assert drawn == []


def test_cve_2026_54261_picture_is_previewed_by_those_who_may_change_it():
    place = make_folder()
    picture = picture_in(place)
    address = f"/admin/images/{picture.pk}/preview/width-10/"
    assert refused(of_folder(make_folder(), "add_image", "change_image", "choose_image").get(address))
    own = of_folder(place, "change_image").get(address)
    assert own["Content-Type"].startswith("image/")
    assert own.getvalue()


def test_cve_2026_55468_and_ghsa_3vrh_m9w7_v94f_pages_are_listed_to_those_who_work_on_them(elsewhere, post):
    """The administration's own interface gave out each field of each page, drafts included."""
    draft = make_post(f"{MARKER} draft", live=False)
    said = listing(elsewhere, "pages")
    for page in (post, draft):
        answer = elsewhere.get(f"/admin/api/main/pages/{page.pk}/?fields=*")
        said += answer.content.decode()
        assert answer.status_code == 404
    assert MARKER not in said
    assert "Ours" in said


def test_ghsa_92hv_j533_69wc_known_sum_of_a_paper_is_confirmed_to_nobody(client, signed_in):
    """A guessed number with a file's SHA-1 as its tag told whether the file was here, whoever asked."""
    hidden = make_note(MARKER, collection=make_folder(groups=("Committee",)))
    with hidden.file.open() as file:
        content = file.read()
    member = signed_in(make_member())
    for asking in (client, member):
        for address in (f"/documents/{hidden.pk}/note.txt", hidden.download_url):
            plain = asking.get(address)
            for tag in (hashlib.sha1(content).hexdigest(), hidden.file_hash, "*"):  # noqa: S324 -- as Wagtail has it
                for header in ("If-None-Match", "If-Match"):
                    answer = asking.get(address, headers={header: tag if tag == "*" else f'"{tag}"'})
                    assert (answer.status_code, answer.get("Location")) == (plain.status_code, plain.get("Location"))
                    assert "ETag" not in answer


@pytest.mark.parametrize("model", ["portal/topic", "portal/author", "members/organisation", "members/membershiplevel"])
def test_ghsa_x5cx_w6p2_mxf2_snippet_is_copied_by_those_who_may_see_it(model):
    """Who could add but not change was shown the whole of any snippet as its copy."""
    app, name = model.split("/")
    thing = apps.get_model(app, name)(name=MARKER)
    if hasattr(thing, "slug"):
        thing.slug = "rain"
    thing.save()
    client = holder(f"{app}.add_{name}")
    for method in (client.get, client.post):
        assert refused(method(f"/admin/snippets/{model}/copy/{thing.pk}/"))
    assert type(thing).objects.count() == 1


def test_ghsa_jm5p_837g_rv8g_nobody_copies_a_page_as_its_translation(elsewhere, post):
    before = NewsPage.objects.count()
    for action in ("copy_for_translation", "copy", "publish", "unpublish", "delete", "create_alias"):
        body = json.dumps({"locale": "fr", "destination_page_id": StandardPage.objects.get(title="Ours").pk})
        answer = elsewhere.post(f"/admin/api/main/pages/{post.pk}/action/{action}/", body, "application/json")
        assert answer.status_code in (403, 404), action
        assert MARKER not in answer.content.decode()
    assert (NewsPage.objects.count(), NewsPage.objects.get(pk=post.pk).live) == (before, True)
