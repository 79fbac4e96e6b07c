"""The demo's content by itself: what it refers to exists, and it keeps what DEMO.md asks for."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.validators import validate_slug

from portal.demo import association, blocks
from portal.demo.papers import FOLDERS, PAPERS, PAPERS_BY_KEY, WRITTEN_ON
from portal.demo.people import LEVELS, ORGANISATIONS, PEOPLE
from portal.demo.pictures import PICTURES, SCENES
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
