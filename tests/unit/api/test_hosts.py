"""By which names the service may be asked."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from api.hosts import Hosts, UnknownHost, UnsafePublicUrl, check_public_url
from snp.platform.settings import Environment, Settings
from tests.support.database import test_settings

TRIAL = test_settings(host="poste.example")
REAL = test_settings(
    public_url="https://rdv.example/",
    fhir_base_url="https://fhir.example:8443/fhir",
    trusted_hosts="interne.example, Autre.Example",
)


def is_known(settings: Settings, *hosts: str, path: str = "/") -> bool:
    raw = [(b"host", host.encode("latin-1")) for host in hosts]
    try:
        Hosts(settings).check(Headers(raw=raw), path)
    except UnknownHost:
        return False
    return True


@pytest.mark.parametrize(
    "host",
    [
        "rdv.example",
        "RDV.example:443",
        "rdv.example.",
        "fhir.example:8443",
        "interne.example",
        "autre.example",
        "localhost:8000",
        "127.0.0.1",
        "[::1]:8000",
    ],
)
def test_the_names_of_the_settings_and_the_machine_itself_are_known(host: str) -> None:
    assert is_known(REAL, host)


@pytest.mark.parametrize("host", ["ailleurs.example", "192.0.2.7", "[2001:db8::1]", "rdv.example.ailleurs"])
def test_with_an_address_of_its_own_no_other_name_and_no_number_is_known(host: str) -> None:
    assert not is_known(REAL, host)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8431", "192.0.2.7:80", "[2001:db8::1]", "poste.example"]
)
def test_a_trial_answers_to_the_machine_and_to_numbers(host: str) -> None:
    assert is_known(TRIAL, host)
    assert not is_known(TRIAL, "ailleurs.example")


SPOILED = (
    *("", " ", "rdv.example/", "rdv.example@ailleurs.example", "rdv.example:80:80", "rdv.example:", "a b"),
    *("rdv.example, ailleurs.example", "[::1", "rdv.example\t", "rdv.éxample", "rdv.example#", "x" * 300),
)


@pytest.mark.parametrize("host", SPOILED)
def test_what_is_no_name_is_refused(host: str) -> None:
    assert not is_known(REAL, host)
    assert not is_known(TRIAL, host)


def test_a_request_has_one_host() -> None:
    assert not is_known(REAL)
    assert not is_known(REAL, "rdv.example", "rdv.example")


def test_monitors_ask_by_whatever_name_they_know() -> None:
    assert is_known(REAL, "10.0.0.3:8000", path="/healthz")
    assert is_known(REAL, path="/readyz")
    assert not is_known(REAL, "10.0.0.3:8000", path="/healthz/")


@pytest.mark.parametrize("address", [None, "http://rdv.example"])
def test_production_needs_an_https_address(address: str | None) -> None:
    with pytest.raises(UnsafePublicUrl):
        check_public_url(test_settings(environment=Environment.PRODUCTION, public_url=address))
    check_public_url(test_settings(public_url=address))
    check_public_url(REAL.model_copy(update={"environment": Environment.PRODUCTION}))
