"""Somebody sets up his second factor, signs in with it, and looks after his devices, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from snp.platform.actors import Role
from tests.browser.conftest import Open
from tests.browser.test_accessibility import check, look
from tests.browser.weighing import MAX_PAGE_BYTES, weight
from tests.support import database as support
from tests.support.pages import PASSWORD, TUESDAY, Service, open_account, running_service
from tests.support.signing_issuer import CLIENT, SECRET, signing_issuer

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture(scope="module")
def service(database_server: sa.URL, worker_name: str) -> Iterator[Service]:
    """A service with Pro Santé Connect, and the account of an OSNP."""
    with (
        signing_issuer() as psc,
        support.clone_of_template(database_server, f"{worker_name}_browser_account") as url,
        running_service(
            url, psc_client_id=CLIENT, psc_client_secret=SECRET, psc_issuer=psc.address
        ) as running,
    ):
        open_account(running, "osnp", Role.OSNP)
        yield running


def code(service: Service, secret: str) -> str:
    return pyotp.TOTP(secret).at(service.clock.now())


@look
def test_the_second_factor_from_enrolment_to_sign_in(
    open_page: Open, service: Service, look: dict[str, Any]
) -> None:
    service.clock.instant = TUESDAY
    login = f"alix-{look['color_scheme']}"
    open_account(service, login, Role.ARM)
    page = open_page(login, **look)
    _to_the_account(page)
    check(page)
    page.get_by_role("link", name="Installer").click()
    assert page.evaluate("document.querySelector('.qr img').naturalWidth") > 0, "the image is shown"
    check(page)
    secret = page.locator("code.spelled").inner_text().replace(" ", "")
    page.get_by_label("Code à six chiffres").fill("000000")
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_text("Ce code n’est pas le bon").first.wait_for()
    check(page)
    page.get_by_label("Code à six chiffres").fill(code(service, secret))
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_role("heading", name="Vos codes de secours").wait_for()
    check(page)
    page.get_by_role("link", name="Je les ai notés").click()
    page.get_by_text("10 codes de secours").wait_for()
    check(page)
    page.get_by_role("button", name="Se déconnecter").click()
    service.clock.advance(timedelta(seconds=30))
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    field = page.get_by_label("Code de votre application")
    assert field.evaluate("one => one === document.activeElement"), "the code may be typed at once"
    check(page)
    field.fill(code(service, secret))
    field.press("Enter")
    page.get_by_role("button", name="Se déconnecter").wait_for()


@look
def test_the_devices_of_an_account(open_page: Open, look: dict[str, Any]) -> None:
    here, there = open_page("osnp", **look), open_page("osnp")
    here.goto("/compte/appareils")
    check(here)
    assert here.get_by_text("cet appareil").count() == 1
    assert weight(here, "/compte/appareils") < MAX_PAGE_BYTES
    here.get_by_role("button", name="Déconnecter tous les autres").click()
    here.get_by_text("Aucun autre appareil").wait_for()
    there.goto("/compte")
    assert there.url.endswith("/connexion?suite=/compte")


@look
def test_a_provider_is_attached_from_the_account(
    open_page: Open, service: Service, look: dict[str, Any]
) -> None:
    service.clock.instant = TUESDAY
    page = open_page("osnp", **look)
    _to_the_account(page)
    check(page)
    page.get_by_role("link", name="Rattacher Pro Santé Connect").click()
    check(page)
    field = page.get_by_label("Votre mot de passe")
    field.fill("au hasard")
    field.press("Enter")
    page.get_by_role("heading", name="Une réponse est à revoir").wait_for()
    check(page)
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Rattacher").click()
    page.get_by_role("link", name="Continuer vers Pro Santé Connect").wait_for()
    check(page)
    assert weight(page, "/compte/fournisseurs/psc") < MAX_PAGE_BYTES


def _to_the_account(page: Page) -> None:
    """By the name in the bar, at any width."""
    page.get_by_role("link", name="Mon compte").click()
    page.get_by_role("heading", name="Mon compte").wait_for()
