"""The pages of the médecin traitant list in a real browser: accessible, light, without a script."""

from __future__ import annotations

from typing import Any

import pytest

from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.facts import Circumstances, Consent, PlaceTerms, SignUp
from regulation.medecin_traitant.register.rules import CONSENT_VERSION
from snp.platform.actors import Actor, Role
from tests.browser.conftest import Open
from tests.browser.test_accessibility import check, look
from tests.browser.weighing import MAX_PAGE_BYTES, weight
from tests.support.pages import TUESDAY, Service
from tests.support.regulation import TODAY, a_patient

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture(autouse=True)
def in_the_morning(service: Service) -> None:
    service.clock.instant = TUESDAY


def people(service: Service) -> list[str]:
    """Three people on the list, one of them accepted by Dr Guillou; their links."""
    here, keys = frozenset({service.town.territory}), service.wiring.keys
    osnp = Actor("account:osnp", Role.OSNP, here)
    doctor = Actor("account:guillou", Role.PRACTITIONER, here, practitioner=service.town.doctors[0])
    with service.wiring.transaction() as session:
        made = [
            register.add_entry(
                session,
                SignUp(
                    service.town.territory, a_patient(), Consent(CONSENT_VERSION), Circumstances(ald=True)
                ),
                keys=keys,
                by=osnp,
                now=TUESDAY,
            )
            for _one in range(3)
        ]
        terms = PlaceTerms(places=3, valid_until=TODAY.replace(month=12))
        place = register.declare_places(session, service.town.territory, terms, by=doctor, now=TUESDAY)
        register.pick(session, place.id, made[0].id, by=doctor, now=TUESDAY)
        return [f"/medecin-traitant/{register.link_text(one.id, keys)}" for one in made]


@look
def test_every_page_of_the_list_is_accessible(
    open_page: Open, service: Service, look: dict[str, Any]
) -> None:
    links = people(service)
    page = open_page(**look)
    for address in ("/medecin-traitant", "/medecin-traitant/envoye", *links[:2], "/medecin-traitant/rien"):
        page.goto(address)
        check(page)
    page.goto("/medecin-traitant")
    page.get_by_role("button", name="M’inscrire").click()
    page.get_by_text("réponses sont à revoir").wait_for()
    check(page)
    page = open_page("osnp", **look)
    page.goto("/regulation/medecin-traitant")
    check(page)
    page.locator("ul.rows a").first.click()
    page.get_by_role("heading", name="Cabinets sollicités").wait_for()
    for summary in page.locator("summary").all():
        summary.click()
    check(page)
    for login, address in (
        ("pharmacie", "/comptoir/medecin-traitant"),
        ("pharmacie", "/comptoir/medecin-traitant/nouvelle"),
        ("guillou", "/agenda/medecin-traitant"),
        ("coordination", "/coordination/medecin-traitant"),
    ):
        page = open_page(login, **look)
        page.goto(address)
        check(page)


def test_signing_up_needs_no_script_and_the_page_is_light(open_page: Open) -> None:
    page = open_page()
    page.goto("/medecin-traitant")
    assert weight(page, "/medecin-traitant") < MAX_PAGE_BYTES
    for label, words in (("Nom", "Morel"), ("Prénom", "Jeanne"), ("Date de naissance", "05041951")):
        page.get_by_label(label, exact=True).fill(words)
    page.get_by_label("Commune", exact=True).fill("Pornic")
    page.locator("label", has_text="Femme").click()
    page.get_by_label("Téléphone").fill("06 39 98 44 55")
    page.get_by_label("J’accepte").check()
    page.get_by_role("button", name="M’inscrire").click()
    page.get_by_role("heading", name="Regardez vos messages").wait_for()


def test_the_form_of_a_link_is_taken_although_no_referrer_leaves(open_page: Open, service: Service) -> None:
    """A browser sends `Origin: null` from such a page: it must not be taken for another site."""
    page = open_page()
    page.goto(people(service)[2])
    page.get_by_role("button", name="Je cherche toujours").click()
    page.get_by_text("vous restez sur la liste").wait_for()
