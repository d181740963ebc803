"""Attaching a provider's identity to one's own account, and detaching it: by whom, from where, until when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from api.jobs.letters import writer_of
from api.security import passwords
from regulation.messages.facts import Letter
from snp.notifications import service as outbox
from snp.platform.actors import Role
from tests.support import database as support
from tests.support.pages import PASSWORD, TUESDAY, Page, Service, Visitor, open_account, running_service
from tests.support.signing_issuer import CLIENT, SECRET, SigningIssuer, signing_issuer

pytestmark = pytest.mark.database

RPPS = "10101485234"
NATIONAL = f"8{RPPS}"
HERE = "/compte/fournisseurs/psc"


@pytest.fixture(scope="module")
def psc() -> Iterator[SigningIssuer]:
    with signing_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def service(database_server: sa.URL, worker_name: str, psc: SigningIssuer) -> Iterator[Service]:
    """A service with Pro Santé Connect; Dr Guillou's RPPS is known, and so is his address."""
    settings = {"psc_client_id": CLIENT, "psc_client_secret": SECRET, "psc_issuer": psc.address}
    with (
        support.clone_of_template(database_server, f"{worker_name}_linking") as url,
        running_service(url, **settings) as running,
    ):
        open_account(running, "regulateur@chu.example", Role.REGULATEUR)
        open_account(running, "guillou", Role.PRACTITIONER)
        with running.wiring.transaction() as session:
            statement = sa.text("UPDATE practitioner SET rpps = :rpps, email = :email WHERE id = :id")
            told = {"rpps": RPPS, "email": "guillou@exemple.fr", "id": running.town.doctors[0]}
            session.execute(statement, told)
        yield running


@pytest.fixture
def visitor(service: Service, psc: SigningIssuer) -> Iterator[Visitor]:
    """A browser; nothing is attached yet, nobody is locked out, and nothing was sent."""
    service.clock.instant, psc.apart = TUESDAY, {"sub": "s-1"}
    with service.wiring.transaction() as session:
        for table in ("federated_identity", "detached_provider", "outbox_message", "page_session"):
            session.execute(sa.text(f"DELETE FROM {table}"))
        hashed = passwords.hash_password(PASSWORD)
        statement = "UPDATE account SET password_hash = :hashed, failed_sign_ins = 0, locked_until = NULL"
        session.execute(sa.text(statement), {"hashed": hashed})
    visitor = Visitor(service)
    yield visitor
    visitor.close()


def client_of(visitor: Visitor) -> httpx.Client:
    return visitor._client


def goes_out(visitor: Visitor, password: str = PASSWORD) -> Page:
    """Prove who one is, and be shown the way to the provider."""
    page = visitor.see(HERE)
    return visitor.send(page.form(HERE), mot_de_passe=password)


def address_of(page: Page, psc: SigningIssuer) -> str:
    start = page.html.index(f'href="{psc.address}') + 6
    return page.html[start : page.html.index('"', start)].replace("&amp;", "&")


def comes_back(page: Page, client: httpx.Client, psc: SigningIssuer, **claims: Any) -> httpx.Response:
    told = {"sub": "s-1", "acr": "eidas1", "preferred_username": NATIONAL} | claims
    asked = httpx.Response(303, headers={"location": address_of(page, psc)})
    return psc.answers(client, asked, **told)


def attaches(visitor: Visitor, psc: SigningIssuer, **claims: Any) -> httpx.Response:
    return comes_back(goes_out(visitor), client_of(visitor), psc, **claims)


def signs_in_there(service: Service, psc: SigningIssuer, **claims: Any) -> httpx.Response:
    """Sign in by the provider with another browser."""
    headers = {"accept": "text/html"}
    with httpx.Client(base_url=service.address, timeout=30, headers=headers) as browser:
        told = {"sub": "s-1", "acr": "eidas1", "preferred_username": NATIONAL} | claims
        return psc.answers(browser, browser.get("/connexion/psc/aller"), **told)


def letters(service: Service) -> list[Letter]:
    write, now, found = writer_of(service.wiring), service.clock.now(), []
    with service.wiring.transaction() as session:
        while message := outbox.claim(session, {"email"}, now=now):
            letter = write(session, message, now)
            assert isinstance(letter, Letter)
            found.append(letter)
    return found


def journal(service: Service) -> list[str]:
    """What the journal says of accounts, oldest first."""
    statement = sa.text("SELECT why FROM audit_entry WHERE resource = 'account' ORDER BY id")
    with service.wiring.transaction() as session:
        return list(session.execute(statement).scalars().all())


def test_an_identity_is_attached_by_signing_in_there_and_opens_the_account(
    service: Service, visitor: Visitor, psc: SigningIssuer
) -> None:
    before = journal(service)
    visitor.sign_in("regulateur@chu.example")
    token = visitor.cookies["snp_session"]
    assert "Détacher" not in visitor.see("/compte").text
    assert signs_in_there(service, psc, preferred_username=None).status_code == 403

    page = attaches(visitor, psc)

    assert page.url.path == "/compte"
    assert "C’est rattaché" in page.text
    assert psc.asked["code_challenge_method"] == ["S256"]
    assert psc.asked["acr_values"] == ["eidas1"]
    assert visitor.cookies["snp_session"] != token, "this device has a fresh token"
    assert signs_in_there(service, psc, preferred_username=None).url.path == "/"
    (letter,) = letters(service)
    assert letter.to == "regulateur@chu.example"
    assert "Pro Santé Connect ouvre désormais votre compte" in letter.text
    assert journal(service) == [*before, "moyen de connexion rattaché par le titulaire"]
    assert "fournisseur-rattache" in str(attaches(visitor, psc).url), "twice is once"
    assert letters(service) == []


def test_who_does_not_prove_his_account_again_is_not_sent_out(
    service: Service, visitor: Visitor, psc: SigningIssuer
) -> None:
    visitor.sign_in("guillou")

    for wrong in ("", "une autre phrase"):
        page = goes_out(visitor, wrong)
        assert page.status == 422
        assert "Ce n’est pas votre mot de passe actuel" in page.text
        assert psc.address not in page.html
    for _ in range(10):
        page = goes_out(visitor, "au hasard")
    assert "Trop d’essais" in page.text


def test_an_answer_belongs_to_the_session_that_asked(
    service: Service, visitor: Visitor, psc: SigningIssuer
) -> None:
    """Neither a stranger's browser, nor another account in the same one, nor a later session gets it."""
    visitor.sign_in("guillou")
    first, second = goes_out(visitor), goes_out(visitor)
    with httpx.Client(base_url=service.address, headers={"accept": "text/html"}) as stranger:
        answer = comes_back(first, stranger, psc)
        assert answer.status_code == 403
    visitor.see("/compte")
    visitor.send(visitor.see("/compte").form("/deconnexion"))
    visitor.sign_in("regulateur@chu.example")

    page = comes_back(second, client_of(visitor), psc)

    assert "votre session a changé" in page.text
    with service.wiring.transaction() as session:
        assert session.execute(sa.text("SELECT count(*) FROM federated_identity")).scalar_one() == 0


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"acr": "eidas0"}, "n’a pas abouti"),
        ({"nonce": "autre"}, "n’a pas abouti"),
        ({"preferred_username": "810000000009"}, "n’est pas le vôtre"),
        ({"preferred_username": "inconnu"}, "n’est pas le vôtre"),
    ],
)
def test_what_does_not_prove_the_same_person_is_not_attached(
    service: Service, visitor: Visitor, psc: SigningIssuer, claims: dict[str, Any], told: str
) -> None:
    before = journal(service)
    visitor.sign_in("guillou")

    assert told in attaches(visitor, psc, **claims).text
    assert journal(service) == before


def test_an_identity_opens_one_account_and_an_account_has_one_there(
    service: Service, visitor: Visitor, psc: SigningIssuer
) -> None:
    visitor.sign_in("regulateur@chu.example")
    attaches(visitor, psc)
    assert "Une autre identité de ce service est rattachée" in attaches(visitor, psc, sub="s-2").text
    visitor.send(visitor.see("/compte").form("/deconnexion"))
    visitor.sign_in("guillou")

    assert "ouvre déjà un autre compte" in attaches(visitor, psc).text


def test_what_is_detached_stays_so_until_its_owner_attaches_it(
    service: Service, visitor: Visitor, psc: SigningIssuer
) -> None:
    """A claim of the RPPS bound it at the first sign-in; it does not bind it again."""
    assert signs_in_there(service, psc).url.path == "/"
    visitor.sign_in("guillou")
    page = visitor.see("/compte")
    here = page.html[page.html.index("/compte/fournisseurs/") :].partition('"')[0]
    assert here.endswith("/detacher")
    form = visitor.see(here).form(here)

    assert visitor.send(form, mot_de_passe="au hasard").status == 422
    assert "C’est détaché" in visitor.send(form, mot_de_passe=PASSWORD).text

    refused = signs_in_there(service, psc)
    assert refused.status_code == 403
    assert "Vous avez détaché Pro Santé Connect" in refused.text
    (letter,) = letters(service)
    assert (letter.to, "n’ouvre plus votre compte" in letter.text) == ("guillou@exemple.fr", True)
    with service.wiring.transaction() as session:
        running = "SELECT count(*) FROM page_session WHERE ended_at IS NULL AND sso_issuer IS NOT NULL"
        assert session.execute(sa.text(running)).scalar_one() == 0
    assert "C’est rattaché" in attaches(visitor, psc).text
    assert signs_in_there(service, psc).url.path == "/"


def test_the_last_way_to_sign_in_stays(service: Service, visitor: Visitor, psc: SigningIssuer) -> None:
    """Who has no password proves himself by a sign-in of a moment ago."""
    visitor.sign_in("regulateur@chu.example")
    attaches(visitor, psc, sub="s-3")
    with service.wiring.transaction() as session:
        session.execute(sa.text("UPDATE account SET password_hash = NULL"))
    page = visitor.see("/compte")
    here = page.html[page.html.index("/compte/fournisseurs/") :].partition('"')[0]
    form = visitor.see(here).form(here)

    page = visitor.send(form)

    assert page.status == 409
    assert "C’est votre seul moyen de connexion" in page.text
    service.clock.advance(timedelta(minutes=11))
    assert "plus de dix minutes" in visitor.send(form).text
    other = visitor.see(here.replace(here.split("/")[3], "0198a6f0-0000-7000-8000-000000000000"))
    assert other.status == 404
