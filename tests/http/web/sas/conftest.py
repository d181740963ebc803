"""A town whose service trusts a sign-in of the platform, and régulateurs that the platform sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from slots.agenda import service as agenda
from slots.agenda.facts import FreeSlot, FreeSlotQuery
from snp.assignment.facts import Audience
from tests.support import database as support
from tests.support.pages import Service, running_service
from tests.support.regulators import a_regulator
from tests.support.sso import provider, settings_for, signs_in

ORIGIN = "sas-preprod"
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="package")
def issuer() -> Iterator[str]:
    """The platform's sign-in."""
    with provider() as running:
        yield running


@pytest.fixture(scope="module")
def service(database_server: sa.URL, worker_name: str, issuer: str) -> Iterator[Service]:
    """A running service over a database of this module's own."""
    with (
        support.clone_of_template(database_server, f"{worker_name}_sas") as url,
        running_service(url, **settings_for(issuer)) as running,
    ):
        yield running


@pytest.fixture
def browser(service: Service) -> Iterator[httpx.Client]:
    """A browser that nobody has used."""
    with httpx.Client(base_url=service.address, timeout=30, headers=HTML) as client:
        yield client


@pytest.fixture
def send_regulator(service: Service) -> Callable[..., dict[str, Any]]:
    """Send a régulateur by INT_R02."""

    def send(value: str, *, accepted: bool = True, **changes: Any) -> dict[str, Any]:
        address = f"{service.address}/fhir/Practitioner"
        body = a_regulator(value, **changes)
        system = body["identifier"][0]["system"]
        answer = httpx.put(address, params={"identifier": f"{system}|{value}"}, json=body, timeout=30)
        assert answer.status_code in {200, 201}, answer.text
        made: dict[str, Any] = answer.json()
        if accepted:
            accept(service, made["id"])
        return made

    return send


def accept(service: Service, account_id: str) -> None:
    """Let a régulateur have accepted the terms before."""
    from api.web.sas.sign_in import TERMS_VERSION

    with service.wiring.transaction() as session:
        session.execute(
            sa.text("UPDATE regulator SET terms_version = :v, terms_accepted_at = :n WHERE account_id = :id"),
            {"v": TERMS_VERSION, "n": service.clock.now(), "id": account_id},
        )


def free_slots(service: Service, doctor: int = 0) -> list[FreeSlot]:
    """The free slots of a doctor of the town."""
    now = service.clock.now()
    with service.wiring.transaction() as session:
        until = now.replace(year=now.year + 1)
        query = FreeSlotQuery(
            starts_until=until,
            starts_from=now,
            audience=Audience.REGULATION,
            practitioner_ids=frozenset({service.town.doctors[doctor]}),
        )
        return agenda.free_slots(session, query, now)


def booking_link(
    service: Service, *, slot: FreeSlot | None = None, doctor: int = 0, origin: str = ORIGIN
) -> str:
    """The link of a slot as the platform opens it."""
    found = slot or free_slots(service, doctor)[0]
    ending = f"&origin={origin}" if origin else ""
    return f"/sas/agenda?ps={found.practitioner_id}&slot={found.id}{ending}"


def enter(browser: httpx.Client, link: str, subject: str) -> httpx.Response:
    """Open a link of the platform and say who one is at its sign-in."""
    at_provider = browser.get(link, follow_redirects=True)
    assert at_provider.url.host == "localhost", at_provider.text[:500]
    return signs_in(browser, at_provider.url, subject)
