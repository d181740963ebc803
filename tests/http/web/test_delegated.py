"""Signing in by Pro Santé Connect or another provider: who gets in, who is told that he has no account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from snp.platform.actors import Role
from tests.support import database as support
from tests.support.pages import Service, open_account, running_service
from tests.support.signing_issuer import CLIENT, SECRET, SigningIssuer, signing_issuer
from tests.support.sso import provider, signs_in

pytestmark = pytest.mark.database

RPPS = "10101485234"
NATIONAL = f"8{RPPS}"
UNKNOWN = "810000000009"
HOSPITAL = "/connexion/chu/aller?suite=/compte"
PSC = "/connexion/psc/aller"


@pytest.fixture(scope="module")
def psc() -> Iterator[SigningIssuer]:
    with signing_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def service(database_server: sa.URL, worker_name: str, psc: SigningIssuer) -> Iterator[Service]:
    """A service with Pro Santé Connect, and the directory of a hospital whose claim is the login."""
    with (
        provider() as hospital,
        support.clone_of_template(database_server, f"{worker_name}_delegated") as url,
        running_service(
            url,
            psc_client_id=CLIENT,
            psc_client_secret=SECRET,
            psc_issuer=psc.address,
            psc_opens_practitioners=True,
            sign_in_providers=[
                {
                    "name": "chu",
                    "label": "CHU d’essai",
                    "issuer": hospital,
                    "client_id": CLIENT,
                    "client_secret": SECRET,
                    "scope": "openid email",
                    "claims": ["email"],
                }
            ],
        ) as running,
    ):
        open_account(running, "arm@chu.example", Role.ARM)
        open_account(running, "guillou", Role.PRACTITIONER)
        with running.wiring.transaction() as session:
            statement = sa.text("UPDATE practitioner SET rpps = :rpps WHERE id = :id")
            for doctor, rpps in zip(running.town.doctors, (RPPS, "10101485242"), strict=True):
                session.execute(statement, {"rpps": rpps, "id": doctor})
        yield running


@pytest.fixture
def browser(service: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.address, timeout=30, headers={"accept": "text/html"}) as client:
        yield client


def by_psc(browser: httpx.Client, psc: SigningIssuer, **claims: Any) -> httpx.Response:
    told = {"sub": "s-1", "acr": "eidas1", "preferred_username": NATIONAL} | claims
    return psc.answers(browser, browser.get(PSC), **told)


def test_the_sign_in_page_offers_each_provider(browser: httpx.Client) -> None:
    page = browser.get("/connexion?suite=/agenda").text

    assert 'href="/connexion/psc/aller?suite=/agenda">Se connecter avec Pro Santé Connect' in page
    assert "Se connecter avec CHU d’essai" in page
    assert browser.get("/connexion/inconnu/aller").status_code == 404


# Pro Santé Connect


def test_a_practitioner_is_found_by_his_rpps(browser: httpx.Client, psc: SigningIssuer) -> None:
    page = by_psc(browser, psc)

    assert page.status_code == 200
    assert page.url.path == "/"
    assert "Guillou" in page.text
    assert psc.asked["acr_values"] == ["eidas1"]
    assert psc.asked["code_challenge_method"] == ["S256"]
    assert psc.asked["scope"] == ["openid scope_all"]
    devices = browser.get("/compte/appareils").text
    assert "Pro Santé Connect" in devices


def test_what_is_told_apart_is_asked_for_and_must_be_of_the_same_subject(
    browser: httpx.Client, psc: SigningIssuer
) -> None:
    psc.apart = {"sub": "s-1", "SubjectNameID": NATIONAL}
    assert by_psc(browser, psc, preferred_username=None).url.path == "/"

    psc.apart = {"sub": "autre", "SubjectNameID": NATIONAL}
    assert by_psc(browser, psc, preferred_username=None).status_code == 403


def test_a_practitioner_of_the_directory_is_given_an_account_where_the_settings_let_it(
    browser: httpx.Client, psc: SigningIssuer
) -> None:
    for _ in range(2):
        page = by_psc(browser, psc, sub="s-2", preferred_username="810101485242")
        assert "Le Bris" in page.text
    account = browser.get("/compte").text
    assert "rpps-10101485242" in account
    assert "Changer de mot de passe" not in account


@pytest.mark.parametrize("national", [UNKNOWN, "0441234567", None])
def test_who_has_no_account_is_told_so_and_given_none(
    browser: httpx.Client, psc: SigningIssuer, national: str | None
) -> None:
    psc.apart = {"sub": "s-9"}
    page = by_psc(browser, psc, sub="s-9", preferred_username=national)

    assert page.status_code == 403
    assert "aucun compte n’est ouvert à votre nom ici" in page.text
    assert "snp_session" not in browser.cookies


@pytest.mark.parametrize(
    "claims",
    [{"acr": "eidas0"}, {"acr": None}, {"nonce": "autre"}, {"aud": "autre"}, {"exp": 1}],
    ids=["a lower level", "no level", "another question", "somebody else's", "too old"],
)
def test_what_does_not_answer_the_question_opens_nothing(
    browser: httpx.Client, psc: SigningIssuer, claims: dict[str, Any]
) -> None:
    page = by_psc(browser, psc, **claims)

    assert page.status_code == 403
    assert "La connexion par Pro Santé Connect n’a pas abouti" in page.text
    assert "snp_session" not in browser.cookies


def test_an_answer_is_taken_once_and_by_the_browser_that_asked(
    service: Service, browser: httpx.Client, psc: SigningIssuer
) -> None:
    page = by_psc(browser, psc)
    back = page.history[0].url
    with httpx.Client(base_url=service.address, headers={"accept": "text/html"}) as stranger:
        assert stranger.get(back).status_code == 403
    assert browser.get(back).status_code == 403


def test_who_gives_up_there_is_brought_back_here(browser: httpx.Client) -> None:
    asked = browser.get(PSC)
    state = httpx.URL(asked.headers["location"]).params["state"]

    page = browser.get("/connexion/psc/retour", params={"state": state, "error": "access_denied"})

    assert page.status_code == 403
    assert "recommencez" in page.text


# An order of the provider


def test_a_provider_s_order_ends_its_session_once(browser: httpx.Client, psc: SigningIssuer) -> None:
    by_psc(browser, psc, sid="x-1")
    assert browser.get("/compte").status_code == 200
    order = {"logout_token": psc.order(sub="s-1", sid="x-1", jti=str(uuid4()))}

    answer = browser.post("/connexion/psc/fin", data=order)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert browser.get("/compte").status_code == 303
    again = browser.post("/connexion/psc/fin", data=order)
    assert again.status_code == 400
    assert again.json() == {"error": "invalid_request", "error_description": "replayed"}


def test_an_order_names_a_session_or_everything_of_somebody(
    service: Service, browser: httpx.Client, psc: SigningIssuer
) -> None:
    with httpx.Client(base_url=service.address, headers={"accept": "text/html"}) as other:
        by_psc(browser, psc, sid="a")
        by_psc(other, psc, sid="b")
        for named, left in (({"sid": "a"}, [303, 200]), ({"sub": "s-1"}, [303, 303])):
            order = psc.order(jti=str(uuid4()), **named)
            assert browser.post("/connexion/psc/fin", data={"logout_token": order}).status_code == 200
            assert [browser.get("/compte").status_code, other.get("/compte").status_code] == left


@pytest.mark.parametrize("sent", [{}, {"logout_token": "rien"}, {"logout_token": ["a", "b"]}])
def test_what_is_no_order_is_refused(browser: httpx.Client, sent: dict[str, Any]) -> None:
    answer = browser.post("/connexion/psc/fin", data=sent)

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


# Another provider, a real one


def test_an_account_is_found_by_the_claim_of_the_settings(browser: httpx.Client) -> None:
    asked = browser.get(HOSPITAL, follow_redirects=True)

    page = signs_in(browser, asked.url, "arm@chu.example")

    assert page.status_code == 200
    assert page.url.path == "/compte"
    assert "arm@chu.example" in page.text


def test_nobody_is_given_an_account_by_another_provider(browser: httpx.Client) -> None:
    asked = browser.get(HOSPITAL, follow_redirects=True)

    page = signs_in(browser, asked.url, "personne@chu.example")

    assert page.status_code == 403
    assert "CHU d’essai vous a reconnu" in page.text


def test_an_account_does_not_change_hands_with_its_address(service: Service, browser: httpx.Client) -> None:
    asked = browser.get(HOSPITAL, follow_redirects=True)
    signs_in(browser, asked.url, "arm@chu.example")
    with service.wiring.transaction() as session:
        statement = sa.text(
            "UPDATE federated_identity SET subject = 'qui l’avait' WHERE subject LIKE 'arm@%'"
        )
        assert session.execute(statement).rowcount == 1

    asked = browser.get(HOSPITAL, follow_redirects=True)
    page = signs_in(browser, asked.url, "arm@chu.example")

    assert page.status_code == 409
    assert "déjà lié à une autre personne" in page.text
