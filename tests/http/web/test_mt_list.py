"""The pages of the médecin traitant list without a script: nobody learns who is on it, each does his part."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api.security.tries import Terms
from regulation.medecin_traitant.register import service as register
from regulation.messages import service as messages
from regulation.messages.facts import Letter
from snp.notifications import service as outbox
from tests.support.console import Console
from tests.support.pages import TUESDAY, Page, Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]
PERSON = {
    "nom": "Morel",
    "prenom": "Jeanne",
    "naissance": "05/04/1951",
    "sexe": "F",
    "commune": "Pornic",
    "telephone": "06 39 98 11 22",
    "accord": "oui",
}


@pytest.fixture(autouse=True)
def in_the_morning(service: Service) -> None:
    service.clock.instant = TUESDAY
    service.wiring.sign_ups.terms = Terms(allowed=50, per=timedelta(minutes=10))


def sign_up(visitor: Visitor, **changed: str) -> Page:
    """Fill the public form and send it."""
    return visitor.send(visitor.see("/medecin-traitant").form("/medecin-traitant"), **(PERSON | changed))


def letters(service: Service, kind: str) -> list[Letter]:
    """The letters of a kind that would leave now."""
    desk, made = messages.Desk(service.wiring.keys, ""), []
    with service.wiring.transaction() as session:
        for one in outbox.list_messages(session, limit=500):
            if one.payload.get("kind") == kind:
                found = messages.compose(session, one, desk, service.clock.now())  # type: ignore[arg-type]
                made += [found] if isinstance(found, Letter) else []
    return made


def link_in(letter: Letter) -> str:
    """The address that a letter leads to."""
    return re.search(r"/medecin-traitant/\S+", letter.text)[0]  # type: ignore[index]


def on_the_list(visitor: Visitor, name: str, **changed: str) -> Page:
    """Put somebody on the list at the console or the counter; his page."""
    here = "/comptoir/medecin-traitant" if changed.pop("au", "") else "/regulation/medecin-traitant"
    form = visitor.see(f"{here}/nouvelle").form("/nouvelle")
    return visitor.send(form, **(PERSON | {"nom": name, "telephone": ""} | changed))


def test_a_stranger_signs_up_confirms_and_withdraws(service: Service, visitor: Visitor) -> None:
    sent = sign_up(visitor, nom="Premier", telephone="06 39 98 11 01")
    assert (sent.status, sent.path) == (200, "/medecin-traitant/envoye")
    letter = letters(service, "mt_confirm")[-1]
    assert letter.to == "+33639981101"
    assert len(letter.text) <= 306
    address = link_in(letter)
    page = visitor.see(address)
    assert "Confirmez votre inscription" in page.text
    assert "Premier" not in page.html
    assert page.headers["referrer-policy"] == "no-referrer"
    confirmed = visitor.send(page.form("/confirmer"))
    assert "Votre inscription est confirmée" in confirmed.text
    assert "70 à 79 ans dans l’année" in confirmed.text
    assert "PREMIER" not in confirmed.html.upper()
    gone = visitor.send(confirmed.form("/retirer"))
    assert (gone.status, "rien derrière ce lien" in gone.text) == (410, True)
    assert visitor.see(address[:-1] + ("A" if address[-1] != "A" else "B")).status == 404


def test_nobody_finds_out_who_is_on_the_list(service: Service, visitor: Visitor, signed_in: SignIn) -> None:
    """The same form for somebody listed, somebody not, and somebody waiting to confirm: one answer."""
    on_the_list(signed_in("osnp"), "Connu", telephone="06 39 98 11 02")
    answers = [
        sign_up(visitor, nom="Connu", telephone="06 39 98 11 02"),
        sign_up(visitor, nom="Inconnu", telephone="06 39 98 11 03"),
        sign_up(visitor, nom="Inconnu", telephone="06 39 98 11 03"),
    ]
    assert len({(one.status, one.path, one.html) for one in answers}) == 1
    assert [one.to for one in letters(service, "mt_known")] == ["+33639981102"]


def test_what_is_missing_is_said_field_by_field_and_nothing_typed_is_lost(visitor: Visitor) -> None:
    page = sign_up(visitor, naissance="31/02/1951", telephone="", accord="oui", commune="Nulle-Part-sur-Mer")
    assert page.status == 422
    for sentence in ("n’existe pas", "Donnez un numéro de mobile ou un courriel", "pas été trouvée"):
        assert sentence in page.text
    assert 'value="Morel"' in page.html
    landline = sign_up(visitor, telephone="02 40 00 00 09")
    assert "numéro de mobile" in landline.text
    assert sign_up(visitor, terme="01/01/2030").status == 422
    nowhere = sign_up(visitor, commune="Montaigu-Vendée")
    assert "Aucune CPTS" in nowhere.text


def test_an_address_that_tries_too_often_waits(service: Service, visitor: Visitor) -> None:
    service.clock.advance(timedelta(hours=1))  # past what the stories before this one tried
    service.wiring.sign_ups.terms = Terms(allowed=2, per=timedelta(minutes=10))
    statuses = [sign_up(visitor, nom="Essai", telephone="06 39 98 11 04").status for _try in range(3)]
    assert statuses == [200, 200, 429]


def test_a_form_of_another_site_is_refused(service: Service) -> None:
    import httpx

    answer = httpx.post(
        f"{service.address}/medecin-traitant", data=PERSON, headers={"Origin": "https://ailleurs.example"}
    )
    assert answer.status_code == 403


def test_a_dossier_without_mt_goes_onto_the_list_in_one_tap(signed_in: SignIn) -> None:
    console = Console(signed_in("regulateur"))
    dossier = console.call("Sansmt", naissance="12/03/1944")
    form = dossier.form("/medecin-traitant")
    entry = console.visitor.send(form)
    assert "La personne est sur la liste" in entry.text
    assert "80 ans ou plus dans l’année" in entry.text
    again = console.visitor.see(dossier.path)
    assert "Sur la liste médecin traitant" in again.text
    assert console.visitor.send(form).path == entry.path


def test_the_regulation_notes_a_refusal_and_it_counts(signed_in: SignIn) -> None:
    visitor = signed_in("osnp")
    page = on_the_list(visitor, "Suivie")
    form = page.form("/appel")
    wrong = visitor.send(form, cabinet="", reponse="refused")
    assert wrong.status == 422
    assert "Choisissez le motif du refus" in wrong.text
    noted = visitor.send(
        form, cabinet="Cabinet du Bourg", reponse="refused", motif="full", rappel="30/11/2026"
    )
    assert "Patientèle complète".lower() in noted.text.lower()
    assert "Refus de cabinets déjà essuyés" in noted.text
    service_day = "Prochain appel"
    assert service_day in visitor.see("/regulation/medecin-traitant").text
    bad = visitor.send(noted.form("/contact"), telephone="12")
    assert (bad.status, "n’est pas complet" in bad.text) == (422, True)
    reached = visitor.send(noted.form("/contact"), telephone="06 39 98 11 09")
    assert "06 39 98 11 09" in reached.text
    closed = visitor.send(visitor.see(page.path).form("/clore"), fin="withdrawn")
    assert "L’inscription est close" in closed.text
    assert "données de la personne sont effacées" in visitor.see(page.path).text


def test_a_desk_sees_those_whom_it_brought_and_no_other(signed_in: SignIn) -> None:
    pharmacy, nurses = signed_in("pharmacie"), signed_in("infirmiers")
    mine = on_the_list(pharmacy, "Clientèle", au="comptoir")
    assert "CLIENTÈLE" in pharmacy.see("/comptoir/medecin-traitant").text
    assert "CLIENTÈLE" not in nurses.see("/comptoir/medecin-traitant").text
    assert nurses.see(mine.path).status == 404
    assert signed_in("guillou").see("/comptoir/medecin-traitant").status == 403
    twice = on_the_list(pharmacy, "Clientèle", au="comptoir", telephone="06 39 98 11 05")
    again = on_the_list(pharmacy, "Clientèle", au="comptoir", telephone="06 39 98 11 05")
    assert (twice.status, again.status) == (200, 422)
    assert "déjà sur la liste" in again.text


def test_a_doctor_declares_sees_cards_accepts_and_only_then_reads_the_name(
    service: Service, signed_in: SignIn, visitor: Visitor
) -> None:
    on_the_list(signed_in("osnp"), "Xavière", telephone="06 39 98 11 06", ald="oui", naissance="01/02/1930")
    doctor = signed_in("guillou")
    page = doctor.see("/agenda/medecin-traitant")
    assert "Vous n’avez pas de place déclarée" in page.text
    wrong = doctor.send(page.form("/agenda/medecin-traitant"), places="beaucoup")
    assert wrong.status == 422
    declared = doctor.send(
        page.form("/agenda/medecin-traitant"), places="2", jusqu_au="31/01/2027", ald_seulement="oui"
    )
    assert "90 ans ou plus" in declared.text
    assert "XAVIÈRE" not in declared.html.upper()
    accepted = doctor.send(declared.form("/accepter"))
    assert "XAVIÈRE" in accepted.text
    link = link_in(letters(service, "mt_picked")[-1])
    seen = visitor.see(link)
    assert "Dr Anne Guillou" in seen.text
    form = next(form for form in accepted.forms if "/choix/" in form.action)
    called = doctor.send(form, suite="appelee")
    assert "la déclaration est à signer" in called.text
    signed = visitor.send(visitor.see(link).form("/signee"))
    assert "Vous avez un médecin traitant" in signed.text
    assert "Déclaration signée, le 24/11/2026" in doctor.see("/agenda/medecin-traitant").text
    assert "cela a changé" in doctor.send(form, suite="signed").text.lower()


def test_a_coordinator_changes_a_delay_and_sees_no_entry(signed_in: SignIn) -> None:
    entry = on_the_list(signed_in("osnp"), "Zacharie")
    coordination = signed_in("coordination")
    page = coordination.see("/coordination/medecin-traitant")
    assert "ZACHARIE" not in page.html.upper()
    assert entry.path.rsplit("/", 1)[1] not in page.html
    form = page.form(page.forms[-1].action)
    assert coordination.send(form, call_days="0").status == 422
    saved = coordination.send(form, call_days="10")
    assert "Les réglages sont enregistrés" in saved.text
    assert 'name="call_days" type="text" value="10"' in saved.html
    for address in (entry.path, "/regulation/medecin-traitant", "/agenda/medecin-traitant"):
        assert coordination.see(address).status == 403


def test_no_log_line_or_outbox_row_holds_a_name(service: Service, visitor: Visitor) -> None:
    sign_up(visitor, nom="Quasimodo", courriel="quasimodo@example.org", telephone="06 39 98 11 07")
    with service.wiring.transaction() as session:
        rows: Any = session.execute(sa.text("SELECT payload::text || subject FROM outbox_message")).scalars()
        assert not any("uasimodo" in row or "39981107" in row for row in rows)
        stored: Any = session.execute(
            sa.text("SELECT identity, email FROM mt_entry WHERE identity IS NOT NULL")
        )
        assert not any(b"uasimodo" in bytes(part or b"") for row in stored for part in row)
    assert register.CLOSE_LABELS
