"""What the claims of Pro Santé Connect and of other providers say of whose account it is."""

from __future__ import annotations

from typing import Any

import pytest

from api.security.provider_claims import named, national_rpps

PLACES = ("SubjectNameID", "preferred_username")


@pytest.mark.parametrize(
    ("claims", "rpps"),
    [
        ({"SubjectNameID": "810000000017"}, "10000000017"),
        ({"preferred_username": " 810000000017 "}, "10000000017"),
        ({"SubjectNameID": "0441234567", "preferred_username": "810000000017"}, "10000000017"),
        ({"SubjectNameID": "10000000017"}, None),
        ({"SubjectNameID": 810000000017}, None),
        ({"sub": "810000000017"}, None),
        ({}, None),
    ],
)
def test_an_rpps_is_read_from_a_national_identifier_only(claims: dict[str, Any], rpps: str | None) -> None:
    assert national_rpps(claims, PLACES) == rpps


def test_the_first_claim_that_holds_a_text_names_the_account() -> None:
    assert named({"email": " ", "preferred_username": "a.b"}, ("email", "preferred_username")) == "a.b"
    assert named({"email": ["a"]}, ("email",)) is None
