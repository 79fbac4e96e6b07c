"""Lists of papers, as they stand on a page."""

from __future__ import annotations

import datetime

from bs4 import BeautifulSoup

from tests.factories import make_paper

DAY = datetime.timedelta(days=1)


def text_paper(title="", *, topics=(), **fields):
    paper = make_paper(title, content=b"text", file_name="a.txt", **fields)
    paper.tags.set(topics)
    return paper


def page_at(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return BeautifulSoup(response.content, "html.parser")


def titles(page):
    return [each.get_text(strip=True) for each in page.select(":is(.paper-row, .paper-card) h2")]
