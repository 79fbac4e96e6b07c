"""docs/security.md: each test that it names is there, each promise names one or says that it is not kept, each item of
the standard names one or says why it is not met, and each advisory names one or says why it does not apply."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "security.md").read_text()
ABOVE, BELOW = PAGE.split("\n## Known advisories\n")
ABOVE, STANDARD = ABOVE.split("\n## ASVS 5.0\n")
ABOVE, _FIGURES = ABOVE.split("\n## Figures of the drills\n")
PROMISES = [line for line in ABOVE.splitlines() if line.startswith("| ") and not line.startswith("| promise |")]
ADVISORIES = [line for line in BELOW.splitlines() if line.startswith("| ") and not line.startswith("| advisory |")]
NAMED = sorted(set(re.findall(r"`(test_\w+)`", PAGE)))


@pytest.fixture(scope="module")
def known():
    return {
        name for file in TESTS.rglob("test_*.py") for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)
    }


@pytest.mark.parametrize("name", NAMED)
def test_named_test_is_there(known, name):
    assert name in known


@pytest.mark.parametrize("promise", PROMISES, ids=lambda line: re.sub(r"\W+", " ", line)[:50].strip())
def test_promise_names_its_tests(promise):
    assert re.search(r"\| (Not kept|`test_)", promise)


# Of ASVS 5.0.0: how many items each of these sections has.
ITEMS = {"5.2": 6, "5.3": 3, "5.4": 3, "6.2": 12, "6.3": 8, "6.4": 6, "6.5": 8, "7.4": 5, "7.5": 3, "8.2": 4, "8.3": 3,
         "16.3": 4, "16.4": 3, "16.5": 4}  # fmt: skip
SAYS = re.compile(r"`test_|(Not met|Not met in full|Holds without a test|Does not apply): \w")


def test_each_item_of_the_standard_names_its_tests_or_says_why_it_is_not_met():
    lines = [line.strip("| ").split(" | ") for line in STANDARD.splitlines() if re.match(r"\| \d", line)]
    assert [item for items, *_ in lines for item in items.split(", ")] == [
        f"{section}.{number}" for section, count in ITEMS.items() for number in range(1, count + 1)
    ]
    assert [line for line in lines if len(line) != 3 or not SAYS.match(line[2])] == []


def test_each_advisory_names_its_tests_or_says_why_it_does_not_apply():
    assert [line for line in ADVISORIES if not re.search(r"\| (Does not apply: \w|`test_)[^|]* \|$", line)] == []


def test_each_test_of_an_advisory_stands_on_the_page(known):
    by_name = {name for name in known if re.match(r"test_(cve|ghsa|allauth)_", name)}
    assert by_name
    assert by_name <= set(re.findall(r"`(test_\w+)`", BELOW))
