"""The demo's content by itself: what it refers to exists, it keeps what DEMO.md asks for, and its files open."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pypdfium2
import pytest
from django.core.validators import validate_slug
from docx import Document
from PIL import Image
from pptx import Presentation

from portal.demo import association, blocks, paper_files
from portal.demo.outline import sections
from portal.demo.papers import FOLDERS, PAPERS, PAPERS_BY_KEY, WRITTEN_ON
from portal.demo.people import LEVELS, ORGANISATIONS, PEOPLE
from portal.demo.pictures import PICTURES, SCENES, draw_picture
from portal.demo.posts import AUTHORS, POSTS, TOPICS
from portal.demo.prose import CHAPTERS

MARKINGS = {"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"}
OPEN_MARKINGS = {"TLP:CLEAR", "TLP:GREEN"}
ALLOWED_TAGS = {"p", "b", "i", "ul", "ol", "li", "a"}
BODIES = [(post.slug, post.body) for post in POSTS] + [(page.slug, page.body) for page in association.PAGES]
EMAILS = {person.email for person in PEOPLE}
ORGANISATION_NAMES = {organisation.name for organisation in ORGANISATIONS}


def of_kind(body, kind):
    return [block for block in body if isinstance(block, kind)]


def words_of(post):
    texts = [re.sub(r"<[^>]+>", " ", block.html) for block in of_kind(post.body, blocks.Text)]
    return sum(len(text.split()) for text in texts)


def first_page_of(content):
    return pypdfium2.PdfDocument(content)[0].get_textpage().get_text_bounded()


class TestPeople:
    def test_the_nine_promised_accounts_are_there(self):
        promised = [
            "admin",
            "editor",
            "secretary",
            "auditor",
            "member",
            "committee",
            "applicant",
            "lapsed",
            "suspended",
        ]
        assert {f"{name}@example.org" for name in promised} <= EMAILS
        assert len(EMAILS) == len(PEOPLE)

    def test_standings_and_groups_are_as_the_accounts_promise(self):
        by_name = {person.email.partition("@")[0]: person for person in PEOPLE}
        assert [person.email for person in PEOPLE if person.is_superuser] == ["admin@example.org"]
        assert by_name["editor"].groups == ("Editors",)
        assert by_name["secretary"].groups == ("Membership secretaries",)
        assert by_name["auditor"].groups == ("Auditors",)
        assert by_name["committee"].groups == ("Committee",)
        assert by_name["member"].groups == ()
        assert [person.email for person in PEOPLE if "Moderators" in person.groups] == ["marcus.adeyemi@example.org"]
        assert (by_name["member"].first_name, by_name["member"].last_name) == ("Priya", "Nair")
        current = ("admin", "editor", "secretary", "auditor", "member", "committee")
        assert {by_name[name].standing for name in current} == {"current"}
        assert by_name["lapsed"].standing == "lapsed"
        assert by_name["suspended"].standing == "suspended"
        assert by_name["suspended"].reason
        assert sum(person.standing == "applicant" for person in PEOPLE) >= 3

    def test_people_belong_to_known_organisations_and_levels(self):
        # What an applicant types is anybody's, until a secretary decides.
        members = [person for person in PEOPLE if person.standing != "applicant"]
        assert {person.organisation for person in members} <= ORGANISATION_NAMES
        assert {person.level for person in PEOPLE} <= set(LEVELS)

    def test_members_have_numbers_of_their_own_and_applicants_none(self):
        numbers = [person.number for person in PEOPLE if person.standing != "applicant"]
        assert None not in numbers
        assert len(numbers) == len(set(numbers))
        assert {person.number for person in PEOPLE if person.standing == "applicant"} == {None}


class TestPosts:
    def test_there_are_enough_of_every_shape(self):
        published = [post for post in POSTS if post.state == "published"]
        assert len(published) >= 12
        assert {post.state for post in POSTS} >= {"published", "scheduled", "in_review"}
        assert len([post for post in POSTS if post.pinned]) == 1
        assert [post.go_live_in_days for post in POSTS if post.state == "scheduled"] == [9]
        for kind in (blocks.Table, blocks.Gallery, blocks.Quote, blocks.PictureBlock, blocks.Documents):
            assert any(of_kind(post.body, kind) for post in published), kind
        assert {slug for post in published for slug in post.topics} == {topic.slug for topic in TOPICS}
        assert {slug for post in published for slug in post.authors} == {author.slug for author in AUTHORS}
        assert len(AUTHORS) == 3

    def test_a_members_post_says_different_things_before_and_after_the_cut(self):
        cut = [post for post in POSTS if of_kind(post.body, blocks.MembersOnly)]
        assert len(cut) == 1
        (place,) = [i for i, block in enumerate(cut[0].body) if isinstance(block, blocks.MembersOnly)]
        before, after = cut[0].body[:place], cut[0].body[place + 1 :]
        assert of_kind(before, blocks.Text)
        assert of_kind(after, blocks.Text)
        assert not set(before) & set(after)

    def test_dates_reach_over_eighteen_months(self):
        dates = [post.published_at for post in POSTS if post.state == "published"]
        assert all(each.tzinfo is UTC for each in dates)
        assert min(dates) >= datetime(2025, 5, 1, tzinfo=UTC)
        assert max(dates).date() <= WRITTEN_ON
        assert max(dates) - min(dates) > timedelta(days=500)

    @pytest.mark.parametrize("post", POSTS, ids=lambda post: post.slug)
    def test_everything_a_post_refers_to_exists(self, post):
        assert set(post.authors) <= {author.slug for author in AUTHORS}
        assert set(post.topics) <= {topic.slug for topic in TOPICS}
        assert post.topics
        assert post.cover in PICTURES
        assert 120 <= words_of(post) <= (900 if post.slug == "nactso-ctpn-information" else 500)
        assert len(post.standfirst) <= 400

    def test_the_post_about_the_two_documents_has_its_parts(self):
        post = next(post for post in POSTS if post.slug == "nactso-ctpn-information")
        assert post.published_at.date() == date(2026, 11, 18)
        headings = [block.text for block in of_kind(post.body, blocks.Heading)]
        assert headings == [
            "Anti-radicalisation",
            "Community preparedness",
            "Humanitarian assistance and psychosocial care",
            "Protecting major events and crowded places",
            "Strategic coordination",
        ]
        panel = of_kind(post.body, blocks.Documents)[0]
        assert post.body.index(panel) < 3
        assert {PAPERS_BY_KEY[key].source for key in panel.papers} == {
            "National Counter Terrorism Security Office",
            "Counter Terrorism Preparedness Network",
        }
        assert "copyright" in of_kind(post.body, blocks.Attribution)[0].text

    def test_no_post_names_a_paper_that_came_out_after_it(self):
        for post in POSTS:
            for panel in of_kind(post.body, blocks.Documents):
                for key in panel.papers:
                    out = WRITTEN_ON + timedelta(days=PAPERS_BY_KEY[key].publish_in_days)
                    assert out <= post.published_at.date(), (post.slug, key)


class TestBlocks:
    @pytest.mark.parametrize(("slug", "body"), BODIES, ids=[slug for slug, _ in BODIES])
    def test_blocks_refer_to_what_exists_and_keep_to_the_allowed_html(self, slug, body):
        shown = [(picture.key, picture.alt) for picture in of_kind(body, blocks.PictureBlock)]
        shown += [(key, alt) for gallery in of_kind(body, blocks.Gallery) for key, alt, _ in gallery.pictures]
        assert all(key in PICTURES and alt for key, alt in shown)
        for panel in of_kind(body, blocks.Documents):
            assert panel.papers
            assert set(panel.papers) <= PAPERS_BY_KEY.keys()
        for table in of_kind(body, blocks.Table):
            assert {len(row) for row in table.rows} == {len(table.header)}
        for text in of_kind(body, blocks.Text):
            tags = re.findall(r"</?([a-z0-9]+)([^>]*)>", text.html)
            assert {name for name, _ in tags} <= ALLOWED_TAGS
            for name, rest in tags:
                assert not rest or (name == "a" and re.fullmatch(r' href="(/|https://|mailto:)[^"]*"', rest))

    def test_prose_makes_paragraphs_and_lists(self):
        made = blocks.prose("""
            One and
            two.

            - a
              b
            - c
        """)
        assert made.html == "<p>One and two.</p><ul><li>a b</li><li>c</li></ul>"


class TestSlugs:
    @pytest.mark.parametrize(
        "slugs",
        [
            [post.slug for post in POSTS],
            [topic.slug for topic in TOPICS],
            [author.slug for author in AUTHORS],
            [page.slug for page in association.PAGES],
            [f"{folder.parent or 'top'}-{folder.slug}" for folder in FOLDERS],
            [paper.key for paper in PAPERS],
        ],
        ids=["posts", "topics", "authors", "pages", "folders", "papers"],
    )
    def test_slugs_are_valid_and_not_used_twice(self, slugs):
        for slug in slugs:
            validate_slug(slug)
        assert len(slugs) == len(set(slugs))

    def test_no_folder_takes_an_address_of_the_file_share(self):
        assert not {folder.slug for folder in FOLDERS} & {"document", "archive"}


class TestPages:
    def test_the_standard_pages_are_there_and_say_what_they_must(self):
        pages = {page.slug: page for page in association.PAGES}
        assert pages.keys() == {"about", "join", "privacy", "accessibility", "contact"}
        assert [slug for slug, page in pages.items() if page.in_menu] == ["about", "join"]
        said = {slug: " ".join(str(block) for block in page.body) for slug, page in pages.items()}
        assert "no analytics" in said["privacy"]
        assert "Access" in said["accessibility"]
        assert "2.2, level AA" in said["accessibility"]
        assert "/members/apply/" in said["join"]
        assert association.CONTACT_EMAIL in said["contact"]

    def test_settings_fit_into_their_fields(self):
        assert len(association.STRAPLINE) <= 200
        assert len(association.FOOTER_TEXT) <= 200


class TestPapers:
    def test_there_are_enough_of_every_kind_and_state(self):
        assert len(PAPERS) >= 30
        assert {paper.marking for paper in PAPERS} == MARKINGS
        kinds = [paper.kind for paper in PAPERS]
        assert (kinds.count("docx"), kinds.count("xlsx"), kinds.count("pptx")) == (2, 1, 1)
        assert [paper.publish_in_days for paper in PAPERS if paper.publish_in_days > 0] == [21]
        over = [(paper.key, paper.folder) for paper in PAPERS if (paper.expires_in_days or 1) <= 0]
        assert over == [("temporary-structures-2025", "guidance"), ("annual-meeting-2025-guests", "annual-meeting")]
        assert {folder.key: folder.destroy_after_days for folder in FOLDERS if folder.destroy_after_days} == {
            "annual-meeting": 90
        }
        assert len([paper for paper in PAPERS if paper.withdrawn]) == 1
        assert max(len(paper.versions) for paper in PAPERS) == 3
        assert max(paper.page_target for paper in PAPERS) == 60
        assert any(not paper.file_name.isascii() for paper in PAPERS)
        assert len([paper for paper in PAPERS if paper.folder == "ctpn-reports"]) == 6
        assert PAPERS_BY_KEY["nactso-act"].page_target == 12

    def test_folders_hang_together_and_the_committee_is_closed(self):
        by_key = {folder.key: folder for folder in FOLDERS}
        seen: set[str] = set()
        for folder in FOLDERS:
            assert folder.parent is None or folder.parent in seen, "a folder stands before the one above it"
            seen.add(folder.key)
        assert by_key["ctpn-reports"].parent == "guidance"
        assert {folder.key for folder in FOLDERS if folder.groups} == {"committee"}
        assert by_key["committee"].groups == ("Committee",)
        assert {paper.folder for paper in PAPERS} == by_key.keys()

    @pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.key)
    def test_a_paper_is_consistent(self, paper):
        assert paper.source in ORGANISATION_NAMES
        assert set(paper.recipients) <= EMAILS
        assert bool(paper.recipients) == (paper.marking == "TLP:RED")
        assert paper.file_name.endswith(f".{paper.kind}")
        assert paper.kind == "pdf" or paper.marking in OPEN_MARKINGS
        assert len(paper.caveat) <= 120
        assert paper.cover in SCENES
        assert set(paper.chapters) <= CHAPTERS.keys()
        assert {key for section in paper.sections for key in section.topics} <= CHAPTERS.keys()
        assert WRITTEN_ON + timedelta(days=paper.publish_in_days) >= paper.original_date
        assert all(version.note for version in paper.versions)

    def test_titles_are_not_used_twice_in_a_folder(self):
        titles = [(paper.folder, paper.title) for paper in PAPERS]
        assert len(titles) == len(set(titles))


class TestFiles:
    @pytest.mark.parametrize(
        "key",
        [
            "nactso-act",
            "ctpn-all-five",
            "ctpn-major-events",
            "radio-card",
            "riverside-lessons",
            "exercise-copper-lantern",
            "minutes-2026-03",
            "geneva-lakeside",
        ],
    )
    def test_a_pdf_says_that_it_is_a_sample_and_is_as_long_as_promised(self, key):
        paper = PAPERS_BY_KEY[key]
        content = paper_files.make_file(paper, len(paper.versions))
        document = pypdfium2.PdfDocument(content)
        assert abs(len(document) - paper.page_target) <= 1
        said = " ".join(first_page_of(content).split())
        assert "This is a sample made for this demonstration" in said
        assert "not the published report" in said
        facts = document.get_metadata_dict()
        assert facts["Title"] == paper.title
        assert facts["Author"] == paper.source
        last = " ".join(document[len(document) - 1].get_textpage().get_text_bounded().split())
        assert paper.marking in last
        assert f"Page {len(document)} of {len(document)}" in last

    def test_no_page_of_a_long_paper_is_empty_or_said_twice(self):
        document = pypdfium2.PdfDocument(paper_files.make_file(PAPERS_BY_KEY["ctpn-all-five"], 1))
        texts = [page.get_textpage().get_text_bounded() for page in document]
        assert min(len(text.split()) for text in texts) > 30
        sentences = [
            sentence
            for text in texts
            for sentence in re.split(r"(?<=[.?!])\s+", " ".join(text.split()))
            if len(sentence) > 70
        ]
        assert len(sentences) > 400
        assert len(sentences) == len(set(sentences))

    def test_each_version_has_its_own_content(self):
        paper = PAPERS_BY_KEY["crowd-primer"]
        made = [paper_files.make_file(paper, number) for number in (1, 2, 3)]
        whole = [
            " ".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(content))
            for content in made
        ]
        assert ["Stairs are narrower" in text for text in whole] == [False, False, True]
        assert ["A scale of five steps" in text for text in whole] == [False, True, True]

    @pytest.mark.parametrize("kind", ["pdf", "docx", "xlsx", "pptx"])
    def test_equal_input_gives_equal_bytes(self, kind):
        paper = next(paper for paper in PAPERS if paper.kind == kind)
        assert paper_files.make_file(paper, 1) == paper_files.make_file(paper, 1)

    @pytest.mark.parametrize("paper", [paper for paper in PAPERS if paper.kind == "docx"], ids=lambda paper: paper.key)
    def test_word_files_open_again(self, paper):
        document = Document(io.BytesIO(paper_files.make_file(paper, 1)))
        said = [paragraph.text for paragraph in document.paragraphs]
        assert any("sample" in text and "not the published report" in text for text in said[:5])
        assert {section.heading for section in paper.sections} <= set(said)
        assert document.core_properties.title == paper.title
        assert len(document.tables) == sum(section.table is not None for section in paper.sections)

    def test_the_workbook_opens_again(self):
        paper = next(paper for paper in PAPERS if paper.kind == "xlsx")
        book = openpyxl.load_workbook(io.BytesIO(paper_files.make_file(paper, 1)))
        assert len(book.sheetnames) == paper.page_target
        assert "not the published report" in book["About"]["A4"].value
        assert [cell.value for cell in book["Injects"][2]][:2] == ["Number", "Exercise time"]

    def test_the_presentation_opens_again(self):
        paper = next(paper for paper in PAPERS if paper.kind == "pptx")
        deck = Presentation(io.BytesIO(paper_files.make_file(paper, 1)))
        slides = [" ".join(shape.text_frame.text for shape in slide.shapes) for slide in deck.slides]
        assert len(slides) == paper.page_target
        assert "not the published report" in slides[0]


class TestPictures:
    def test_there_are_at_least_twelve_each_with_a_description(self):
        assert len(PICTURES) >= 12
        assert PICTURES.keys() == SCENES.keys()
        assert all(0 < len(alt) <= 200 for alt in PICTURES.values())

    def test_a_picture_is_a_png_of_the_promised_size_and_no_two_are_alike(self):
        drawn = [draw_picture(key) for key in ("arches", "map", "crowd")]
        for content in drawn:
            with Image.open(io.BytesIO(content)) as picture:
                assert (picture.format, picture.size) == ("PNG", (1600, 1100))
        assert len(set(drawn)) == 3
        assert drawn[0] == draw_picture("arches")


class TestNotation:
    def test_a_section_is_read_with_all_its_parts(self):
        (section,) = sections("""
            ## Checklist: Doors {since 2} {topics crowds, radio}
            One
            line.

            - a
              b
            - c

            |= Caption
            | x | y
            | 1 |
        """)
        assert (section.kind, section.heading, section.since) == ("checklist", "Doors", 2)
        assert section.topics == ("crowds", "radio")
        assert section.paragraphs == ("One line.",)
        assert section.bullets == ("a b", "c")
        assert section.table is not None
        assert (section.table.caption, section.table.header, section.table.rows) == (
            "Caption",
            ("x", "y"),
            (("1", ""),),
        )

    @pytest.mark.parametrize(
        "text", ["no heading", "## {since 2}", "## A\n\n|= C\n| x | y\n| 1 | 2 | 3"], ids=["none", "options", "cells"]
    )
    def test_what_does_not_keep_to_the_notation_is_refused(self, text):
        with pytest.raises(ValueError, match=r"heading|cells"):
            sections(text)
