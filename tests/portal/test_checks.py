"""Dangerous combinations of settings are found by `manage.py check`."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core.checks import run_checks
from django.db import connection

from portal import checks


def found(**kwargs: object) -> set[str]:
    return {message.id for message in run_checks(**kwargs) if (message.id or "").startswith("gatehouse")}


def test_settings_as_they_are_raise_nothing():
    assert found(include_deployment_checks=True) == set()


@pytest.mark.parametrize(("demo", "scanner", "expected"), [
    (False, "", {"gatehouse.W001"}),
    (False, "unix:///run/clamav/clamd.ctl", set()),
    (True, "", set()),
])  # fmt: skip
def test_production_without_a_virus_scanner_is_said(settings, demo, scanner, expected):
    settings.DEMO_ALLOWED, settings.CLAMD_URL = demo, scanner
    assert found(include_deployment_checks=True) == expected
    assert found() == set()


@pytest.mark.parametrize(("private", "public", "static"), [
    ("/data/public/papers", "/data/public", "/data/static"),
    ("/data", "/data/public", "/data/static"),
    ("/data/public", "/data/public", "/data/static"),
    ("/data/private/../public/x", "/data/public", "/data/static"),
    ("/data/static/x", "/data/public", "/data/static"),
])  # fmt: skip
def test_private_files_in_a_public_folder(settings, private, public, static):
    settings.STORAGES = {
        "default": {"OPTIONS": {"location": private}},
        "public": {"OPTIONS": {"location": public}},
    }
    settings.STATIC_ROOT = static
    assert [message.id for message in checks.private_files_are_apart()] == ["gatehouse.E001"]


@pytest.mark.parametrize("private", ["/data/private", "/data/public-papers", None])
def test_private_files_apart(settings, private):
    settings.STORAGES = {
        "default": {"OPTIONS": {"location": private} if private else {"bucket_name": "papers"}},
        "public": {"OPTIONS": {"location": "/data/public"}},
    }
    settings.STATIC_ROOT = "/data/static"
    assert checks.private_files_are_apart() == []


@pytest.mark.parametrize(("debug", "hosts", "expected"), [
    (True, ["members.example.org"], {"gatehouse.E002"}),
    (True, ["127.0.0.1", "*"], {"gatehouse.E002"}),
    (True, ["127.0.0.1", "localhost", "[::1]"], set()),
    (False, ["members.example.org"], set()),
])  # fmt: skip
def test_debug_with_a_public_host(settings, debug, hosts, expected):
    settings.DEBUG, settings.ALLOWED_HOSTS = debug, hosts
    assert found() == expected


@pytest.mark.parametrize("backends", [
    ["django.contrib.auth.backends.ModelBackend"],
    ["members.auth_backends.AuthenticationBackend", "django.contrib.auth.backends.ModelBackend"],
])  # fmt: skip
def test_another_way_to_sign_in(settings, backends):
    settings.AUTHENTICATION_BACKENDS = backends
    assert found() == {"gatehouse.E003"}


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache"])
def test_limits_that_do_not_hold(settings, backend):
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}
    assert [message.id for message in checks.limits_are_shared()] == ["gatehouse.E004"]
    assert "gatehouse.E004" in found(include_deployment_checks=True)
    assert "gatehouse.E004" not in found()


@pytest.mark.django_db
def test_group_that_needs_a_second_factor_and_does_not_exist(settings, monkeypatch):
    settings.MFA_GROUPS = ["Editors", "Comittee"]
    assert found() == set()
    assert found(databases=["default"]) == {"gatehouse.E005"}
    (message,) = checks.groups_that_need_a_second_factor_exist(databases=["default"])
    assert message.msg == "MFA_GROUPS names “Comittee”, and there is no group of this name."
    Group.objects.create(name="Comittee")
    assert found(databases=["default"]) == set()
    settings.MFA_GROUPS = ["Nobody"]
    monkeypatch.setattr(connection.introspection, "table_names", list)  # before the first migration
    assert found(databases=["default"]) == set()
