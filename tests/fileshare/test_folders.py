"""The tree of folders: addresses, order, counts."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import Collection

from fileshare import folders
from fileshare.models import Folder, SharedDocument
from tests.factories import make_editor_of, make_folder, make_member, make_paper

pytestmark = pytest.mark.django_db


def paths(user):
    return [node.path for node in folders.tree_for(user)]


def text_paper(collection=None):
    return make_paper(collection=collection, content=b"text", file_name="a.txt")


def test_address_is_made_of_the_names_from_the_top(member):
    guidance = make_folder("Guidance & Advice")
    make_folder("Größe", parent=make_folder("Stadiums", parent=guidance))
    assert paths(member) == ["guidance-advice", "guidance-advice/stadiums", "guidance-advice/stadiums/groe"]


@pytest.mark.parametrize(("name", "start"), [("报告", "folder-"), ("!!!", "folder-"), ("x" * 200, "x" * 80)])
def test_name_without_latin_letters_still_has_an_address(member, name, start):
    make_folder(name)
    assert paths(member)[0].startswith(start)


@pytest.mark.parametrize("name", ["Document", "Archive"])
def test_reserved_word_is_no_address_at_the_top(member, name, signed_in):
    make_folder(name)
    path = paths(member)[0]
    assert path == f"{name.lower()}-papers"
    assert signed_in(member).get(f"/files/{path}/").status_code == 200


@pytest.mark.parametrize("slug", ["document", "archive", "with space", "a/b", "", "../x"])
def test_reserved_or_strange_address_is_refused(slug):
    folder = make_folder("Guidance").folder
    folder.slug = slug
    with pytest.raises(ValidationError):
        folder.full_clean()


def test_two_of_one_name_under_one_roof_have_two_addresses(member, signed_in):
    first, second = make_folder("Guidance"), make_folder("Guidance")
    text_paper(second)
    assert len(set(paths(member))) == 2
    nodes = {node.collection_id: node for node in folders.tree_for(member)}
    assert nodes[first.pk].path == "guidance"
    client = signed_in(member)
    assert 'class="paper-row"' not in client.get(nodes[first.pk].url).content.decode()
    assert 'class="paper-row"' in client.get(nodes[second.pk].url).content.decode()


def test_same_name_under_two_roofs_needs_nothing(member):
    for roof in ("North", "South"):
        make_folder("Minutes", parent=make_folder(roof))
    assert {"north/minutes", "south/minutes"} <= set(paths(member))


def test_address_does_not_depend_on_who_asks(member):
    make_folder("Guidance", groups=("Committee",))
    make_folder("Guidance")
    inside = make_member(groups=("Committee",))
    of_all = {node.collection_id: node.path for node in folders.tree_for(inside)}
    of_some = {node.collection_id: node.path for node in folders.tree_for(member)}
    assert of_some.items() < of_all.items()


def test_address_that_two_could_have_leads_to_one_of_them(member):
    """A folder may be called what another's double is called; no address is lost."""
    first, second = make_folder("Guidance"), make_folder("Guidance")
    third = make_folder("Third")
    Folder.objects.filter(collection=third).update(slug=f"guidance-{second.pk}", order=1)
    tree = folders.tree_for(member)
    found = {node.path for node in tree}
    assert len(found) == 3
    assert {tree.at(path).collection_id for path in found} == {first.pk, second.pk, third.pk}


def test_order_is_by_number_and_then_by_name(member):
    for name, order in (("b", 100), ("A", 100), ("c", 5), ("Z", 1)):
        Folder.objects.filter(collection=make_folder(name)).update(order=order)
    assert [node.name for node in folders.tree_for(member).top] == ["Z", "c", "A", "b"]


def test_counts_hold_the_folders_below(member):
    top = make_folder("Top")
    middle = make_folder("Middle", parent=top)
    low, closed = make_folder("Low", parent=middle), make_folder("Closed", parent=middle, groups=("Committee",))
    for folder in (top, low, low, closed):
        text_paper(folder)
    text_paper()  # in no folder
    tree = folders.tree_for(member)
    assert {node.path: (node.own_count, node.count) for node in tree} == {
        "top": (1, 3),
        "top/middle": (0, 2),
        "top/middle/low": (2, 2),
    }
    assert tree.total == 4


def test_tree_takes_two_queries_however_large(member, django_assert_num_queries):
    list(SharedDocument.objects.visible_to(member))  # the person's permissions are asked for once in a request
    above = None
    for number in range(3):
        above = make_folder(f"Level {number}", parent=above)
        text_paper(above)
    with django_assert_num_queries(2):
        list(folders.tree_for(member))
    for number in range(30):
        text_paper(make_folder(f"Folder {number}", parent=above))
    with django_assert_num_queries(2):
        assert len(list(folders.tree_for(member))) == 33


def test_editor_s_tree_takes_few_queries_more(django_assert_max_num_queries):
    editor = make_editor_of(make_folder("Own"))
    with django_assert_max_num_queries(4):
        list(folders.tree_for(editor))


def test_moved_folder_has_its_new_address_at_once(member, signed_in):
    here, there = make_folder("Here"), make_folder("There")
    folder = make_folder("Papers", parent=here)
    make_folder("Below", parent=folder)
    paper = text_paper(folder)
    folder.move(there, "sorted-child")
    assert set(paths(member)) == {"here", "there", "there/papers", "there/papers/below"}
    client = signed_in(member)
    assert client.get("/files/here/papers/").status_code == 404
    assert paper.title in client.get("/files/there/papers/").content.decode()


def test_renamed_folder_keeps_its_address(member):
    folder = make_folder("Guidance")
    folder.name = "Advice"
    folder.save()
    tree = folders.tree_for(member)
    assert [(node.name, node.path) for node in tree] == [("Advice", "guidance")]


def test_deleted_collection_takes_its_folder_along(member):
    folder = make_folder("Guidance")
    Collection.objects.get(pk=folder.pk).delete()
    assert not Folder.objects.exists()
    assert paths(member) == []


def test_root_has_no_folder():
    folders.ensure_folder(Collection.get_first_root_node())
    assert not Folder.objects.exists()


def test_folder_is_made_once():
    folder = make_folder("Guidance")
    Folder.objects.filter(collection=folder).update(slug="advice")
    folders.ensure_folder(folder)
    folder.save()
    assert Folder.objects.get().slug == "advice"


def test_breadcrumbs_lead_down_to_the_folder(member):
    make_folder("Stadiums", parent=make_folder("Guidance"))
    node = folders.tree_for(member).at("guidance/stadiums")
    assert folders.breadcrumbs(node) == [
        {"name": "Files", "url": "/files/"},
        {"name": "Guidance", "url": "/files/guidance/"},
        {"name": "Stadiums", "url": "/files/guidance/stadiums/"},
    ]
    assert folders.breadcrumbs(None) == [{"name": "Files", "url": "/files/"}]


def test_tree_stands_open_where_the_reader_is(member):
    for name in ("One", "Two"):
        make_folder("Inside", parent=make_folder(name))
    tree = folders.tree_for(member)
    tree.mark_current(tree.at("two/inside"))
    assert {node.path for node in tree if node.is_open} == {"two", "two/inside"}
    assert {node.path for node in tree if node.is_current} == {"two/inside"}


def test_any_member_s_tree_holds_no_closed_folder(member):
    make_folder("Closed", groups=("Committee",))
    text_paper(make_folder("Open"))
    tree = folders.tree_for_any_member()
    assert [(node.name, node.count) for node in tree] == [("Open", 1)]
    assert tree.total == 1


def test_name_of_a_folder_is_shown_as_text(member, signed_in):
    folder = make_folder("<script>alert(1)</script>")
    Folder.objects.filter(collection=folder).update(description="<img src=x onerror=alert(2)>")
    node = next(iter(folders.tree_for(member)))
    body = signed_in(member).get(node.url).content.decode()
    assert "<script>alert(1)" not in body
    assert "<img src=x" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body


def test_folder_says_how_many_of_its_papers_lie_in_the_folders_inside(signed_in):
    outer = make_folder("Guidance")
    inner = make_folder("Cities", parent=outer)
    for collection in (outer, inner, inner):
        make_paper(collection=collection)
    client = signed_in(make_member())
    page = " ".join(client.get("/files/guidance/").content.decode().split())
    assert "<p>1 paper here, 2 more in the folders inside it</p>" in page
    assert "<p>2 papers</p>" in " ".join(client.get("/files/guidance/cities/").content.decode().split())


def test_address_in_the_file_share_that_does_not_exist_leads_to_the_files(signed_in):
    response = signed_in(make_member()).get("/files/?page=99")
    assert response.status_code == 404
    assert '<a href="/files/">all files</a>' in response.content.decode()
