"""What an account must look like, and how wrong passwords close the door."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from api.security.rules import FREE_ATTEMPTS, check_password, check_standing, lock_after, normalise_login
from snp.errors import InvalidValue
from snp.platform.actors import Role

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(("typed", "kept"), [(" M.Durand ", "m.durand"), ("a@b.fr", "a@b.fr")])
def test_a_login_has_one_spelling(typed: str, kept: str) -> None:
    assert normalise_login(typed) == kept


@pytest.mark.parametrize("typed", ["", "ab", "é.durand", "a b c", "-abc", "a" * 101])
def test_a_login_of_another_form_is_refused(typed: str) -> None:
    with pytest.raises(InvalidValue):
        normalise_login(typed)


@pytest.mark.parametrize("length", [11, 201])
def test_a_password_too_short_or_too_long_is_refused(length: int) -> None:
    with pytest.raises(InvalidValue):
        check_password("x" * length)


def test_the_door_closes_longer_with_each_failure_beyond_five_and_an_hour_at_most() -> None:
    assert [lock_after(n, NOW) for n in range(FREE_ATTEMPTS)] == [None] * FREE_ATTEMPTS
    minutes = [(lock_after(FREE_ATTEMPTS + n, NOW) or NOW) - NOW for n in range(8)]
    assert minutes == [timedelta(minutes=m) for m in (1, 2, 4, 8, 16, 32, 60, 60)]
    assert (lock_after(10_000, NOW) or NOW) - NOW == timedelta(hours=1)


@pytest.mark.parametrize(
    ("role", "missing", "is_key"),
    [
        (Role.PHARMACY, "organisation_id", False),
        (Role.ARM, "territory_ids", True),
        (Role.COORDINATOR, "territory_ids", False),
        (Role.PRACTITIONER, "practitioner_id", False),
        (Role.DELEGATE, "practitioner_id", True),
        (Role.SYSTEM, "role", True),
        (Role.PATIENT, "role", False),
    ],
)
def test_a_role_needs_what_it_stands_on(role: Role, missing: str, is_key: bool) -> None:
    with pytest.raises(InvalidValue) as refusal:
        check_standing(role, territory_ids=(), organisation_id=None, practitioner_id=None, is_key=is_key)
    assert refusal.value.fields["field"] == missing


def test_a_delegate_signs_in_without_a_practitioner_yet() -> None:
    check_standing(Role.DELEGATE, territory_ids=(), organisation_id=None, practitioner_id=None, is_key=False)
    check_standing(Role.ARM, territory_ids=[uuid4()], organisation_id=None, practitioner_id=None, is_key=True)
