"""Passwords made of names that anybody knows are refused, offline; long sentences may hold any of them."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import Site

from members.models import User
from portal.models import SiteSettings
from tests.factories import PASSWORD, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pat(settings):
    settings.BASE_URL = "https://www.safe-places.org.uk"
    own, _created = SiteSettings.objects.get_or_create(site=Site.objects.get(is_default_site=True))
    own.organisation_name = "Guild of Crowded Places"
    own.save()
    return make_member("mary.featherstone@northgate.example", first_name="Mary", last_name="Featherstone-Haugh")


@pytest.mark.parametrize("password", [
    "password12", "Password1234", "qwertyuiop", "1234567890", "iloveyou12", "short", "nine char",
    "crowded2026", "Crowded-Places", "GuildOfCrowdedPlaces", "cr0wdedplaces!!", "Gatehouse2026!", "g4teh0use99",
    "gatehousegatehouse", "safeplaces1", "featherstone77", "Mary.Featherstone", "maryHaugh1990", "northgate!2026",
    "members-only", "\N{FULLWIDTH LATIN SMALL LETTER A}bc",
])  # fmt: skip
def test_password_that_is_little_more_than_a_known_word_is_refused(pat, password):
    with pytest.raises(ValidationError):
        validate_password(password, pat)


@pytest.mark.parametrize("password", [
    "quiet river stones", "kettle under nine bridges", "all lower case letters", "зелёный чайник кипит",
    "the guild of crowded places drinks tea", "featherstone sat on a wet bench", "gatehouse-lantern-umbrella",
    "8-417-9921-06-553", "x" * 9 + "Zv" * 100,
])  # fmt: skip
def test_any_other_is_taken_whatever_signs_it_has_or_has_not(pat, password):
    validate_password(password, pat)


def test_reason_is_a_sentence_that_helps(pat):
    client = Client()
    client.post("/account/login/", {"login": pat.email, "password": PASSWORD})
    new = {"oldpassword": PASSWORD, "password1": "CrowdedPlaces26", "password2": "CrowdedPlaces26"}
    page = client.post("/account/password/change/", new).content.decode()
    assert "This is little more than a name that belongs to the site or to you. Please add words" in page
    assert User.objects.get(pk=pat.pk).check_password(PASSWORD)
