"""Takes the pictures of the documentation: a real service, a small invented town, a real Chromium.

Run by `make screenshots`; the pictures under `docs/` are committed. `make screenshots ARGS=trust` takes those
of accounts, coverage, indicators, data protection and a patient's choices alone.
"""

from __future__ import annotations

import os
import sys
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("SNP_TEST_RUN", f"pictures-{uuid.uuid4().hex[:8]}")

from PIL import Image  # noqa: E402 - after the path is set
from playwright.sync_api import Browser, Error, Page, sync_playwright  # noqa: E402 - after the path is set

from api.security import service as security  # noqa: E402
from api.web.agenda.habits import habits_of  # noqa: E402
from regulation.messages.composing import PATIENT_PAGE  # noqa: E402
from slots.agenda.facts import Wish  # noqa: E402
from slots.appointments import service as appointments  # noqa: E402
from slots.appointments.facts import AppointmentFilter  # noqa: E402
from snp.platform.actors import Role, system  # noqa: E402
from snp.platform.secret_links import secret_text  # noqa: E402
from tests.browser.walk import Walk  # noqa: E402
from tests.support import database  # noqa: E402
from tests.support.chromium import chromium_path  # noqa: E402
from tests.support.console import Console  # noqa: E402
from tests.support.pages import PASSWORD, Service, Visitor, open_account, running_service  # noqa: E402

GUIDE = ROOT / "docs" / "guide" / "images"
FRONT = ROOT / "docs" / "images"
TRIES = 4
COLOURS = 48
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 780}}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1180, "height": 760}}


def main() -> int:
    """Take every picture; say which."""
    path = chromium_path()
    if path is None:
        print("Chromium is missing: sh scripts/chromium.sh", file=sys.stderr)
        return 1
    for folder in (GUIDE, FRONT):
        folder.mkdir(parents=True, exist_ok=True)
    with (
        database.running_server() as server,
        database.clone_of_template(server, "pictures") as url,
        running_service(
            url,
            public_url="https://rdv.exemple.fr",
            hold_minutes=5,
            psc_client_id="essai",
            psc_client_secret="essai",  # noqa: S106 - nobody is asked
        ) as service,
        sync_playwright() as playwright,
    ):
        for login, name, role in (
            ("pharmacie", "Pharmacie du Port", Role.PHARMACY),
            ("infirmiers", "Cabinet infirmier des Dunes", Role.NURSE_PRACTICE),
            ("osnp", "Opérateur SNP", Role.OSNP),
            ("regulateur", "Dr Claire Morvan", Role.REGULATEUR),
            ("coordination", "Coordination Pays de Retz", Role.COORDINATOR),
            ("guillou", "Dr Anne Guillou", Role.PRACTITIONER),
            ("delegue", "Protection des données", Role.DPO),
        ):
            open_account(service, login, role, display_name=name)
        browser = playwright.chromium.launch(executable_path=path)
        if sys.argv[1:] != ["trust"]:
            take_all(browser, service)
        trust(browser, service)
        browser.close()
    database.forget_run()
    return 0


def take_all(browser: Browser, service: Service) -> None:
    """Walk through the pages as a pharmacy does, then look at the other landing pages."""
    desk = visit(browser, service, "pharmacie", DESKTOP)
    walk = Walk(desk)
    waiting(browser, service)
    desk.reload()
    walk.first_page("Mal de gorge")
    desk.locator("#signes").wait_for()
    desk.mouse.move(0, 0)
    take(desk, FRONT / "desk-form.png", whole=True)
    take(desk, GUIDE / "officine-1-motif.png", whole=True)
    walk.no_sign()
    take(desk, GUIDE / "officine-test-au-comptoir.png")
    walk.tap("Un médecin est nécessaire")
    walk.tap("Oui", role="choice")
    walk.tap("Appelé : pas dans ce délai", role="choice")
    walk.fill("Nom", "Durand")
    walk.fill("Prénom", "Jeanne")
    desk.get_by_label("Téléphone").fill("06 98 76 54 32")
    take(desk, GUIDE / "officine-2-patient.png", whole=True)
    walk.tap("Voir les créneaux")
    take(desk, GUIDE / "officine-3-creneaux.png", whole=True)
    walk.tap("Choisir")
    take(desk, GUIDE / "officine-4-confirmer.png")
    walk.tap("Confirmer le rendez-vous")
    take(desk, GUIDE / "officine-5-ticket.png", whole=True)
    code = desk.locator(".code").inner_text()
    made = uuid.UUID(desk.url.rsplit("/", 1)[1])
    desk.emulate_media(media="print")
    desk.set_viewport_size({"width": 559, "height": 700})
    take(desk, GUIDE / "officine-ticket-imprime.png", whole=True)

    desk.emulate_media(media="screen")
    desk.set_viewport_size(DESKTOP["viewport"])
    for address, name in (
        ("historique", "historique"),
        ("historique/traces", "traces"),
        ("affiche", "affiche"),
    ):
        desk.goto(f"/comptoir/{address}")
        take(desk, GUIDE / f"officine-{name}.png", whole=True)
    desk.context.close()

    phone = visit(browser, service, "infirmiers", PHONE)
    walk = Walk(phone)
    walk.first_page("Mal de dos")
    walk.tap("Douleur dans la poitrine", role="choice")
    walk.tap("Signe d’alerte présent")
    take(phone, GUIDE / "officine-appel-15.png")

    phone.context.close()

    take_patient(browser, service, code, made)

    practitioner(browser, service)
    regulation(browser, service)
    coordination(browser, service)


def take_patient(browser: Browser, service: Service, code: str, made: uuid.UUID) -> None:
    """Look at an appointment as its patient does, by the ticket's code and by the link of a message."""
    patient = visit(browser, service, None, PHONE)
    patient.goto("/rendez-vous")
    patient.get_by_label("Code du ticket").fill(code)
    patient.get_by_role("button", name="Voir mon rendez-vous").click()
    take(patient, GUIDE / "patient-rendez-vous.png", whole=True)
    patient.goto(f"/rdv/{secret_text(PATIENT_PAGE, made, service.wiring.keys.hasher())}")
    take(patient, GUIDE / "patient-lien.png", whole=True)
    patient.get_by_role("link", name="Déplacer").click()
    take(patient, GUIDE / "patient-deplacer.png", whole=True)
    patient.context.close()


def practitioner(browser: Browser, service: Service) -> None:
    """Publish as a doctor does, and look at each of his pages."""
    page = visit(browser, service, "guillou", PHONE)
    for day, at in (("26/11", "18h"), ("27/11", "12h")):
        page.goto("/agenda")
        page.get_by_text("Autre jour, heure").click()
        page.get_by_label("Autre jour").fill(day)
        page.get_by_label("Autre heure").fill(at)
        page.get_by_role("button", name="2 patients").click()
    page.goto("/agenda")
    page.locator("label.pill", has_text="Samedi 28").click()
    page.locator("label.pill", has_text="11 h 30").click()
    take(page, GUIDE / "praticien-publier.png")
    page.goto(magic_link(service))
    take(page, GUIDE / "praticien-lien.png")
    page.goto("/agenda")
    page.locator(".slot.taken a").first.click()
    take(page, GUIDE / "praticien-creneau.png", whole=True)
    page.goto("/agenda/absences")
    take(page, GUIDE / "praticien-absences.png", whole=True)
    page.context.close()
    page = visit(browser, service, "guillou", DESKTOP)
    take(page, GUIDE / "praticien-semaine.png", whole=True)
    page.goto("/agenda/regulier")
    take(page, GUIDE / "praticien-regulier.png", whole=True)
    page.goto("/agenda/calendriers")
    take(page, GUIDE / "praticien-calendriers.png", whole=True)
    page.goto("/agenda/chiffres")
    take(page, GUIDE / "praticien-chiffres.png")
    page.context.close()


def magic_link(service: Service) -> str:
    """Propose two slots to the doctor, as a coordinator short of slots does."""
    with service.wiring.transaction() as session:
        now, doctor = service.clock.now(), service.town.doctors[0]
        habits = habits_of(session, doctor, now=now)
        assert habits is not None
        first = now + timedelta(days=6, hours=8)
        made = security.create_link(
            session,
            doctor,
            [Wish(first, habits.offer), Wish(first + habits.step, habits.offer)],
            codes=service.wiring.keys.hasher(),
            by=system("pictures"),
            now=now,
        )
    return f"/lien/{made.secret}"


def regulation(browser: Browser, service: Service) -> None:
    """Leave dossiers in several states, then walk through the console as the regulation does."""
    visitor = at_work(service, "regulateur")
    console = Console(visitor)
    console.call("Roussel", motif="back_pain")
    operator = at_work(service, "osnp")
    osnp = Console(operator)
    osnp.estimate(osnp.call("Legoff", motif="fever"), priorite="P1", delai="12")
    operator.close()
    console.call("Martin", motif="shingles", mt="oui", mt_appel="pas_appele")
    note = "Otalgie depuis trois jours, apyrétique."
    seeking = console.decide(console.call("Petit", motif="ear_pain", note=note), delai="6")
    console.book(console.decide(console.call("Aubert", motif="cough")))
    visitor.close()
    page = visit(browser, service, "regulateur", DESKTOP)
    take(page, GUIDE / "regulation-1-dossiers.png", whole=True)
    page.goto("/regulation?etat=decider")
    page.locator(".queue a").first.click()
    take(page, GUIDE / "regulation-3-decision.png", whole=True)
    page.goto("/regulation/appel")
    page.get_by_label("Nom", exact=True).fill("Dubois")
    page.get_by_label("Prénom").fill("Louis")
    page.get_by_label("Oui").first.check()
    take(page, GUIDE / "regulation-2-appel.png", whole=True)
    page.goto(seeking.path)
    take(page, GUIDE / "regulation-4-creneaux.png", whole=True)
    page.context.close()
    phone = visit(browser, service, "osnp", PHONE)
    phone.goto("/regulation/rappels")
    take(phone, GUIDE / "regulation-5-rappels.png", whole=True)
    phone.context.close()


def at_work(service: Service, login: str) -> Visitor:
    """Return somebody signed in without a browser, who keeps his cookie although the address is plain."""
    visitor = Visitor(service)
    visitor.sign_in(login)
    for cookie in visitor.cookies.jar:
        cookie.secure = False
    return visitor


def coordination(browser: Browser, service: Service) -> None:
    """Look at the coordinator's pages in the middle of the afternoon."""
    service.clock.advance(timedelta(hours=5, minutes=30))
    page = visit(browser, service, "coordination", DESKTOP)
    take(page, GUIDE / "coordination-2-tableau.png", whole=True)
    page.goto("/premiers-pas/communes?q=machecoul")
    take(page, GUIDE / "coordination-1-premiers-pas.png")
    page.goto("/coordination/comptoirs")
    page.locator("#role-cle").select_option("osnp")
    page.get_by_label("Logiciel").fill("Logiciel de régulation")
    page.get_by_role("button", name="Créer la clé").click()
    page.locator(".secret").evaluate("one => { one.textContent = 'snp_montree_une_seule_fois'; }")
    take(page, GUIDE / "coordination-3-comptoirs.png")
    page.context.close()
    phone = visit(browser, service, "coordination", PHONE)
    phone.goto("/coordination/reglages")
    phone.get_by_label("Rayon de recherche").fill("20")
    phone.get_by_role("button", name="Enregistrer").click()
    take(phone, GUIDE / "coordination-4-reglages.png", whole=True)
    phone.context.close()


def trust(browser: Browser, service: Service) -> None:
    """Look at accounts, figures, data protection, and what a patient chooses; small pictures."""
    visitor = at_work(service, "regulateur")
    console = Console(visitor)
    console.book(console.decide(console.call("Morvan", motif="cough")))
    visitor.close()
    page = visit(browser, service, "osnp", DESKTOP)
    page.goto("/compte")
    take(page, GUIDE / "connexion-3-autrement.png", small=True)
    page.goto("/compte/fournisseurs/psc")
    take(page, GUIDE / "connexion-4-rattacher.png", small=True)
    page.context.close()
    page = visit(browser, service, "coordination", DESKTOP)
    page.goto("/coordination/couverture")
    take(page, GUIDE / "couverture.png", small=True)
    page.goto("/coordination/indicateurs")
    take(page, GUIDE / "indicateurs.png", small=True)
    page.context.close()
    patient = visit(browser, service, None, PHONE)
    secret = secret_text(PATIENT_PAGE, _an_appointment(service), service.wiring.keys.hasher())
    patient.goto(f"/rdv/{secret}/choix")
    patient.get_by_label("Savoir ce qui est gardé sur moi").check()
    patient.get_by_role("button", name="Transmettre ma demande").click()
    take(patient, GUIDE / "patient-choix.png", whole=True, small=True)
    patient.context.close()
    page = visit(browser, service, "delegue", DESKTOP)
    take(page, GUIDE / "protection-1-journal.png", small=True)
    page.goto("/protection/demandes")
    take(page, GUIDE / "protection-2-demandes.png", small=True)
    page.context.close()


def _an_appointment(service: Service) -> uuid.UUID:
    """The first appointment that was made."""
    with service.wiring.transaction() as session:
        return appointments.list_appointments(session, AppointmentFilter(live=True), limit=1).items[0].id


def waiting(browser: Browser, service: Service) -> None:
    """Leave a dossier that waits for the call to a médecin traitant, and one booked."""
    page = visit(browser, service, "pharmacie", DESKTOP)
    for name, called in (("Morel", "Pas encore appelé"), ("Legrand", None)):
        walk = Walk(page)
        page.goto("/")
        walk.first_page("Zona")
        walk.no_sign()
        walk.patient(name, called=called)
        if called is None:
            walk.book()
        else:
            take(page, GUIDE / "officine-appeler-mt.png")
    page.context.close()


def visit(browser: Browser, service: Service, login: str | None, options: dict[str, Any]) -> Page:
    """Open a browser of its own, signed in under a login."""
    context = browser.new_context(base_url=service.address, locale="fr-FR", color_scheme="light", **options)
    page = context.new_page()
    page.goto("/connexion")
    if login:
        page.get_by_label("Identifiant").fill(login)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter", exact=True).click()
        page.wait_for_load_state()
    return page


def take(page: Page, path: Path, *, whole: bool = False, small: bool = False) -> None:
    """Take one picture and say so; `small`: in a palette, for a page of few colours."""
    for attempt in range(1, TRIES + 1):
        try:
            page.screenshot(path=path, full_page=whole, animations="disabled")
            break
        except Error:  # a busy machine sometimes has no frame to give
            if attempt == TRIES:
                raise
            page.wait_for_timeout(500)
    if small:
        with Image.open(path) as taken:
            taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(path.relative_to(ROOT))


if __name__ == "__main__":
    raise SystemExit(main())
