"""The demo's files: papers that open and say what they are, pictures, and the notation that both are written in."""

from __future__ import annotations

import io
import re

import openpyxl
import pypdfium2
import pytest
from docx import Document
from PIL import Image
from pptx import Presentation

from portal.demo import paper_files
from portal.demo.outline import sections
from portal.demo.papers import PAPERS, PAPERS_BY_KEY
from portal.demo.pictures import PICTURES, SCENES, draw_picture


def first_page_of(content):
    return pypdfium2.PdfDocument(content)[0].get_textpage().get_text_bounded()


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
