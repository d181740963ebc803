"""The pages of series as Chromium shows them: accessible, light, on a phone and a desktop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from regulation.messages.composing import PATIENT_PAGE
from regulation.series import keeping
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter
from snp.platform.actors import Role
from snp.platform.secret_links import secret_text
from tests.browser.conftest import Open
from tests.browser.test_accessibility import check, look
from tests.browser.weighing import MAX_PAGE_BYTES, weight
from tests.http.web.test_desk import patient_form
from tests.http.web.test_professionals import patient_page
from tests.support.pages import TUESDAY, Service, Town, Visitor, open_account

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture(scope="module")
def link(service: Service) -> str:
    """A series of two sessions whose sheet is finished; the patient's link."""
    doctor = Visitor(service)
    doctor.sign_in("guillou")
    typed = {"nom": "Barbier", "prenom": "Hugo", "commune": "Pornic (44210)", "seances": "2"}
    page = doctor.send(patient_form(patient_page(doctor)), **typed)
    doctor.send(doctor.send(page.form("/retenir")).form("/confirmer"))
    doctor.close()
    with service.wiring.transaction() as session:
        (physio,) = keeping.physios(session, service.town.territory, TUESDAY)
        query = AppointmentFilter(practitioner_ids=frozenset({physio.id}), live=True)
        first, second = appointments.list_appointments(session, query).items
    doctors, service.town = service.town, Town(service.town.territory, {}, [physio.id])
    open_account(service, "kine", Role.PRACTITIONER)
    service.town = doctors
    service.clock.instant = second.end + timedelta(minutes=5)
    physio_page = Visitor(service)
    physio_page.sign_in("kine")
    writing = physio_page.see(f"/series/{first.request_id}/fiche")
    assert physio_page.send(writing.form("/fiche"), acte="terminer").status == 200
    physio_page.close()
    return f"/rdv/{secret_text(PATIENT_PAGE, first.id, service.wiring.keys.hasher())}"


@look
def test_the_pages_of_a_series(open_page: Open, link: str, look: dict[str, Any]) -> None:
    page = open_page("kine", **look)
    page.goto("/series")
    check(page)
    page.get_by_role("link", name="Hugo BARBIER").click()
    page.get_by_role("heading", name="Séances", exact=True).wait_for()
    check(page)
    here = page.url
    for address in ("fiche", "fiche/lire", "suite"):
        page.goto(f"{here.split('?')[0]}/{address}")
        check(page)
    assert weight(page, "/series") < MAX_PAGE_BYTES
    page.goto("/series/reglages")
    check(page)
    page.locator("a[href^='/series/modeles/']").first.click()
    check(page)
    page.goto(f"{link}/fiche")
    check(page)
    page.get_by_label("Votre date de naissance").fill("05/04/1985")
    page.get_by_role("button", name="Lire").click()
    page.get_by_role("heading", name="Fiche de fin de soins").wait_for()
    check(page)
    page.goto(f"{link}/kines")
    check(page)


@look
def test_the_coordinators_page(open_page: Open, link: str, look: dict[str, Any]) -> None:
    page = open_page("coordination", **look)
    page.goto("/coordination/kine")
    check(page)
    page.get_by_role("link", name="Traumatologie").click()
    page.get_by_label("Jours entre deux séances, au moins").wait_for()
    check(page)
    assert "BARBIER" not in page.content()
