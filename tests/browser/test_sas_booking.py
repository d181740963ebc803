"""A régulateur clicks a slot on the platform and books it, in a real browser: with scripts or without."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from slots.agenda import service as agenda
from slots.agenda.facts import FreeSlotQuery
from snp.assignment.facts import Audience
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.test_accessibility import check, look
from tests.support import database as support
from tests.support.pages import Service, running_service
from tests.support.regulators import a_regulator
from tests.support.sso import provider, settings_for

pytestmark = [pytest.mark.browser, pytest.mark.database]

Arrive = Callable[..., Page]


@pytest.fixture(scope="module")
def service(database_server: sa.URL, worker_name: str) -> Iterator[Service]:
    """A running service that trusts a sign-in of the platform."""
    with (
        provider() as issuer,
        support.clone_of_template(database_server, f"{worker_name}_browser_sas") as url,
        running_service(url, **settings_for(issuer)) as running,
    ):
        yield running


def link(service: Service) -> str:
    """The link of the first free slot of the first doctor, as the platform opens it."""
    now, doctor = service.clock.now(), service.town.doctors[0]
    with service.wiring.transaction() as session:
        query = FreeSlotQuery(
            starts_from=now,
            starts_until=now.replace(year=now.year + 1),
            audience=Audience.REGULATION,
            practitioner_ids=frozenset({doctor}),
        )
        first = agenda.free_slots(session, query, now)[0]
    return f"/sas/agenda?ps={doctor}&slot={first.id}&origin=sas"


def at_the_platform(page: Page, address: str, subject: str) -> None:
    """Open a link of the platform and say who one is at its sign-in, whose page borrows a style sheet."""
    page.route("**/pico.min.css", lambda route: route.fulfill(content_type="text/css", body=""))
    page.goto(address)
    page.locator("input[name=sub]").fill(subject)
    page.locator("input[name=sub]").press("Enter")


@pytest.fixture
def arrive(service: Service, open_page: Open) -> Arrive:
    """Click a slot on the platform, sign in there, accept the terms; the page of the agenda."""

    def one(address: str | None = None, *, checked: bool = False, **look: Any) -> Page:
        subject = str(uuid4())
        made = httpx.post(f"{service.address}/fhir/Practitioner", json=a_regulator(subject), timeout=30)
        assert made.status_code == 201
        page = open_page(**look)
        at_the_platform(page, address or link(service), subject)
        expect(page.get_by_role("heading", level=1)).to_have_text("Conditions d’utilisation")
        if checked:
            check(page)
        page.get_by_role("button", name="J’accepte").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Dr Anne Guillou")
        return page

    return one


def fill(page: Page, name: str) -> None:
    page.get_by_label("Nom", exact=True).fill(name)
    page.get_by_label("Prénom").fill("Jeanne")
    page.get_by_label("Date de naissance").fill("05041985")
    page.get_by_label("Téléphone").fill(f"06{zlib.crc32(name.encode()) % 10**8:08}")
    page.locator("label", has_text="Femme").click()
    page.get_by_label("Commune").fill("Pornic")
    page.locator("#mt label", has_text="Non").click()


def confirm(page: Page) -> None:
    page.get_by_role("button", name="Confirmer le rendez-vous").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_whole_walk(arrive: Arrive, *, scripts: bool, viewport: dict[str, int]) -> None:
    page = arrive(java_script_enabled=scripts, viewport=viewport)
    expect(page.locator("#creneau input:checked")).to_have_count(1)

    fill(page, f"Walk {'s' if scripts else 'n'}{'p' if viewport == PHONE else 'd'}")
    confirm(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("Rendez-vous confirmé")
    expect(page.locator(".code")).to_be_visible()


def test_a_slot_taken_meanwhile_shows_others_and_loses_nothing(arrive: Arrive, service: Service) -> None:
    address = link(service)
    slow, quick = arrive(address), arrive(address)
    fill(slow, "Simon")
    fill(quick, "Laurent")
    confirm(quick)
    expect(quick.get_by_role("heading", level=1)).to_have_text("Rendez-vous confirmé")

    confirm(slow)

    expect(slow.get_by_role("alert")).to_contain_text("vient d’être pris")
    expect(slow.get_by_label("Nom", exact=True)).to_have_value("Simon")
    check(slow)
    slow.locator("#creneau .choice").first.click()
    confirm(slow)
    expect(slow.get_by_role("heading", level=1)).to_have_text("Rendez-vous confirmé")


def test_going_back_after_confirming_shows_the_slot_taken(arrive: Arrive) -> None:
    page = arrive()
    fill(page, "Michel")
    confirm(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Rendez-vous confirmé")

    page.go_back()

    expect(page.get_by_role("alert")).to_contain_text("vient d’être pris")
    expect(page.locator("#creneau input:checked")).to_have_count(0)


@look
def test_axe_finds_nothing_on_the_platform_s_pages(
    arrive: Arrive, open_page: Open, service: Service, look: dict[str, Any]
) -> None:
    page = arrive(checked=True, **look)
    check(page)
    confirm(page)
    expect(page.locator("#erreurs")).to_be_focused()
    check(page)
    fill(page, f"Axe {look['color_scheme']}")
    page.get_by_label("Priorité").select_option("P0")
    confirm(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Appelez le 15")
    check(page)
    page.get_by_role("link", name="Revenir à l’agenda").click()
    fill(page, f"Axe {look['color_scheme']}")
    confirm(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Rendez-vous confirmé")
    check(page)
    stranger = open_page(**look)
    at_the_platform(stranger, link(service), "inconnu")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Compte non ouvert ici")
    check(stranger)
