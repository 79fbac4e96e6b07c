"""A folder and its editor. Tests of other matters have their own by these names."""

from __future__ import annotations

import pytest

from tests.factories import make_editor_of, make_folder


@pytest.fixture
def folder():
    return make_folder("Guidance")


@pytest.fixture
def editor(folder):
    return make_editor_of(folder)
