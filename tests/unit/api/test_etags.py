"""Versions on the wire."""

from __future__ import annotations

import pytest

from api.etags import PreconditionRequired, optional_version, required_version
from snp.errors import VersionMismatch


def test_a_strong_tag_names_a_version() -> None:
    assert required_version('"12"') == 12
    assert optional_version(' "12" ') == 12


def test_a_star_matches_whatever_is_there() -> None:
    assert required_version("*") is None


def test_an_edit_needs_a_version_and_a_step_does_not() -> None:
    assert optional_version(None) is None
    with pytest.raises(PreconditionRequired):
        required_version(None)


@pytest.mark.parametrize("tag", ['W/"1"', "1", '"01"', '"x"', '"1", "2"', '"9999999999999"', ""])
def test_what_is_no_tag_of_ours_matches_nothing(tag: str) -> None:
    with pytest.raises(VersionMismatch):
        required_version(tag)
