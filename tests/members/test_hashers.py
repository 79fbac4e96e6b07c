"""How passwords are kept."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, get_hasher, make_password

from members.hashers import TURN, Argon2Hasher
from portal.settings import base


@pytest.fixture(autouse=True)
def _hasher_of_production(settings):
    settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS


def test_production_hashes_with_ours_alone():
    assert base.PASSWORD_HASHERS == ["members.hashers.Argon2Hasher"]
    assert isinstance(get_hasher(), Argon2Hasher)
    assert settings.PASSWORD_HASHERS == base.PASSWORD_HASHERS


def test_encoded_hash_names_owasps_parameters():
    """OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane."""
    algorithm, variety, version, parameters, salt, digest = make_password("correct horse").split("$")
    assert (algorithm, variety, version, parameters) == ("argon2", "argon2id", "v=19", "m=19456,t=2,p=1")
    assert len(salt) >= 22
    assert len(digest) >= 43


def test_hash_is_checked_and_different_each_time():
    first, second = make_password("correct horse"), make_password("correct horse")
    assert first != second
    assert check_password("correct horse", first)
    assert not check_password("wrong horse", first)


def test_hash_with_weaker_parameters_is_renewed():
    weaker = make_password("correct horse").replace("m=19456", "m=1024")
    assert Argon2Hasher().must_update(weaker)
    assert not Argon2Hasher().must_update(make_password("correct horse"))


def test_one_password_is_hashed_at_a_time(monkeypatch):
    """Each takes 19 MiB and a processor: fifty at once would leave nothing to the readers."""
    seen = []
    monkeypatch.setattr(Argon2PasswordHasher, "encode", lambda *_: seen.append(TURN.locked()) or "argon2$x")
    monkeypatch.setattr(Argon2PasswordHasher, "verify", lambda *_: seen.append(TURN.locked()) or True)
    Argon2Hasher().encode("correct horse", "saltsalt")
    Argon2Hasher().verify("correct horse", "argon2$x")
    assert seen == [True, True]
    assert not TURN.locked()
