"""Behind the link of an appointment, and on the delegate's list of what is asked: accessible and light."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from regulation.messages.composing import PATIENT_PAGE
from snp.platform.secret_links import secret_text
from tests.browser.conftest import Open
from tests.browser.test_accessibility import check, look
from tests.browser.weighing import MAX_PAGE_BYTES, weight
from tests.http.web.test_desk import ticket
from tests.http.web.test_patient_page import TICKET
from tests.support.pages import TUESDAY, Service, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.database]


@look
def test_a_patient_chooses_and_asks_and_the_delegate_answers(
    open_page: Open, service: Service, look: dict[str, Any]
) -> None:
    service.clock.instant = TUESDAY
    desk = Visitor(service)
    desk.sign_in("pharmacie")
    found = TICKET.search(ticket(desk, f"Kerviel{look['color_scheme']}").path)
    desk.close()
    assert found is not None
    page = open_page(**look)
    page.goto(f"/rdv/{secret_text(PATIENT_PAGE, UUID(found[1]), service.wiring.keys.hasher())}")
    page.get_by_role("link", name="Vos rappels et vos données").click()
    check(page)
    assert weight(page, page.url) < MAX_PAGE_BYTES
    page.get_by_label("Par courriel").check()
    page.get_by_role("button", name="Enregistrer").press("Enter")
    page.get_by_text("Écrivez une adresse électronique").first.wait_for()
    check(page)
    page.get_by_label("Adresse électronique").fill("moi@exemple.fr")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("C’est noté, pour les prochains rappels").wait_for()
    page.get_by_label("Savoir ce qui est gardé sur moi").check()
    page.get_by_role("button", name="Transmettre ma demande").click()
    page.get_by_text("Votre demande est transmise").wait_for()
    check(page)

    delegate = open_page("dpo", **look)
    delegate.get_by_role("link", name="Demandes de patients").click()
    check(delegate)
    delegate.get_by_role("button", name="J’ai répondu").first.click()
    delegate.get_by_text("la demande est répondue").wait_for()
    check(delegate)
