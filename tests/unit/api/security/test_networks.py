"""From where a key may be presented."""

from __future__ import annotations

import pytest

from api.security.errors import AddressNotAllowed
from api.security.networks import check_address, normalised
from snp.errors import InvalidValue


def test_networks_have_one_spelling() -> None:
    typed = [" 192.0.2.7/24 ", "192.0.2.0/24", "198.51.100.4", "2001:DB8::/32", ""]

    assert normalised(typed) == ["192.0.2.0/24", "198.51.100.4/32", "2001:db8::/32"]


@pytest.mark.parametrize("typed", ["ailleurs", "192.0.2.0/33", "300.1.1.1", "192.0.2.0/24/24"])
def test_what_is_no_network_is_refused(typed: str) -> None:
    with pytest.raises(InvalidValue):
        normalised([typed])


def test_there_are_not_too_many_networks() -> None:
    with pytest.raises(InvalidValue):
        normalised(f"192.0.2.{n}" for n in range(21))


@pytest.mark.parametrize("address", ["192.0.2.9", "::ffff:192.0.2.9", "2001:db8::1"])
def test_an_address_within_is_let_through(address: str) -> None:
    check_address(address, ["192.0.2.0/24", "2001:db8::/32"])


@pytest.mark.parametrize("address", ["192.0.3.9", "2001:db9::1", "", None, "testclient"])
def test_an_address_without_or_unknown_is_refused(address: str | None) -> None:
    with pytest.raises(AddressNotAllowed):
        check_address(address, ["192.0.2.0/24", "2001:db8::/32"])


def test_without_networks_every_address_will_do() -> None:
    check_address(None, [])
