"""The person who signs in, named by an e-mail address."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from members.auth_backends import AuthenticationBackend
from members.models import User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def test_address_is_kept_in_lower_case():
    user = make_user("  Pat.PERSON@Example.ORG ")
    assert User.objects.get(pk=user.pk).email == "pat.person@example.org"


@pytest.mark.parametrize("second", ["pat@example.org", "PAT@example.org", "Pat@EXAMPLE.org", " pat@example.org"])
def test_address_is_unique_whatever_its_spelling(second):
    make_user("pat@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(second)
    with pytest.raises(ValidationError, match="There is an account with this e-mail address already"):
        User(email=second.strip(), password="x").full_clean()


def test_database_refuses_an_address_in_capitals():
    user = make_user("pat@example.org")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE members_user SET email = 'PAT@example.org' WHERE id = %s", [user.pk])


def test_person_needs_an_address():
    with pytest.raises(ValueError, match="A person needs an e-mail address"):
        User.objects.create_user("")


def test_there_is_no_user_name():
    assert User.USERNAME_FIELD == "email"
    assert "username" not in {field.name for field in User._meta.get_fields()}


def test_superuser_is_staff():
    user = User.objects.create_superuser("root@example.org", PASSWORD)
    assert (user.is_staff, user.is_superuser, user.is_active) == (True, True, True)


def test_person_without_a_password_cannot_sign_in(rf):
    user = User.objects.create_user("pat@example.org")
    assert not user.has_usable_password()
    assert authenticate(rf.post("/"), email="pat@example.org", password="") is None


@pytest.mark.parametrize("spelling", ["pat@example.org", "PAT@Example.org"])
def test_person_is_found_by_any_spelling(spelling):
    user = make_user("pat@example.org")
    assert User.objects.get_by_natural_key(spelling) == user


def test_person_is_called_by_name_or_else_by_address():
    assert str(make_user("a@example.org", first_name="Ada", last_name="Byron")) == "Ada Byron"
    assert str(make_user("b@example.org", first_name="", last_name="")) == "b@example.org"


def test_administration_keeps_a_name_in_one_line_and_no_address_that_looks_like_another():
    user = User(email="Pat@Example.org", first_name="Pat\r\nBcc: eve@example.org", last_name="\u202eBell\0")
    user.clean()
    assert (user.email, user.first_name, user.last_name) == ("pat@example.org", "Pat Bcc: eve@example.org", "Bell")
    for address in ("p\u0430t@example.org", "pat@ex\u0430mple.org"):
        with pytest.raises(ValidationError, match="only looks like a letter of an e-mail address") as refused:
            User(email=address).clean()
        assert list(refused.value.message_dict) == ["email"]


RIGHTS = {
    "none": lambda user, group, right: None,
    "the person's own": lambda user, group, right: user.user_permissions.add(right),
    "a group's": lambda user, group, right: group.permissions.add(right),
    "a group's in a folder": lambda user, group, right: GroupCollectionPermission.objects.create(
        group=group, collection=Collection.get_first_root_node(), permission=right
    ),
    "a group's on a page": lambda user, group, right: GroupPagePermission.objects.create(
        group=group, page=Page.get_first_root_node(), permission=right
    ),
    "everything": lambda user, group, right: User.objects.filter(pk=user.pk).update(is_superuser=True),
}


@pytest.mark.parametrize("kind", RIGHTS)
def test_whoever_holds_any_right_is_known_at_each_visit_to_hold_it(kind):
    """Only of those who hold none is nothing further asked."""
    user, group = make_user(groups=("A group", "Another")), Group.objects.get(name="A group")
    right = Permission.objects.get(codename="change_document", content_type__app_label="wagtaildocs")
    backend = AuthenticationBackend()
    assert backend.get_user(user.pk).holds_no_rights
    RIGHTS[kind](user, group, right)
    visitor = backend.get_user(user.pk)
    assert visitor.holds_no_rights is (kind == "none")
    assert visitor.has_perm("wagtaildocs.change_document") is (kind in {"the person's own", "a group's", "everything"})
    assert not User.objects.get(pk=user.pk).holds_no_rights  # looked up instead


def test_account_that_was_switched_off_is_nobody():
    user = make_user(is_active=False)
    assert AuthenticationBackend().get_user(user.pk) is None
