"""A real Chromium on a real service; without one these tests say so and are skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, sync_playwright

from snp.platform.actors import Role
from tests.support import database as support
from tests.support.chromium import chromium_path
from tests.support.console import Console
from tests.support.pages import PASSWORD, TUESDAY, Service, Visitor, open_account, running_service

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1200, "height": 800}

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the worker."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium: `sh scripts/chromium.sh` installs one, SNP_CHROMIUM names one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def service(database_server: sa.URL, worker_name: str) -> Iterator[Service]:
    """A running service over a database of this module's own, with the accounts of a desk and a doctor."""
    with (
        support.clone_of_template(database_server, f"{worker_name}_browser") as url,
        running_service(url) as running,
    ):
        open_account(running, "pharmacie", Role.PHARMACY)
        open_account(running, "infirmiers", Role.NURSE_PRACTICE)
        open_account(running, "guillou", Role.PRACTITIONER)
        open_account(running, "coordination", Role.COORDINATOR)
        open_account(running, "osnp", Role.OSNP)
        open_account(running, "arm", Role.ARM)
        open_account(running, "regulateur", Role.REGULATEUR)
        open_account(running, "admin", Role.ADMINISTRATOR)
        open_account(running, "dpo", Role.DPO)
        yield running


@pytest.fixture
def colleague(service: Service) -> Iterator[Console]:
    """A régulateur at another screen, without scripts, at ten in the morning."""
    service.clock.instant = TUESDAY
    visitor = Visitor(service)
    visitor.sign_in("regulateur")
    yield Console(visitor)
    visitor.close()


@pytest.fixture
def open_page(chromium: Browser, service: Service) -> Iterator[Open]:
    """Open a browser of its own on the service; what its console complains of fails the test."""
    contexts = []
    complaints: list[str] = []

    def complain(message: Any) -> None:
        # A form answered with 422 is told by the console too: that is how the page shows what to revise.
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            complaints.append(message.text)

    def open_one(login: str | None = None, **options: Any) -> Page:
        context = chromium.new_context(
            **({"base_url": service.address, "locale": "fr-FR", "viewport": DESKTOP} | options)
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/connexion")
        if login:
            page.get_by_label("Identifiant").fill(login)
            page.get_by_label("Mot de passe").fill(PASSWORD)
            page.get_by_role("button", name="Se connecter", exact=True).click()
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []
