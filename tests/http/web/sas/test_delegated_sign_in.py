"""The delegated sign-in: who comes from the platform gets in without typing anything, nobody else does.

The names of the first tests are those of the certification kit, group 6.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from api.web.sas import visit
from tests.http.web.sas.conftest import ORIGIN, booking_link, enter, free_slots
from tests.support import database as support
from tests.support.pages import Service, running_service
from tests.support.regulators import NATIONAL, a_regulator
from tests.support.sso import provider, settings_for, signs_in

pytestmark = pytest.mark.database

Send = Callable[..., dict[str, Any]]
KEYWORDS = re.compile("connexion|mot de passe|login|email|erreur", re.IGNORECASE)

COOKIE = visit.COOKIE.name


def a_subject() -> str:
    return str(uuid4())


# The kit, group 6


@pytest.mark.parametrize("origin", ["", "inconnue", "SAS", "sas,sas-preprod"])
def test_sso_without_origin(service: Service, browser: httpx.Client, origin: str) -> None:
    answer = browser.get(booking_link(service, origin=origin))

    assert answer.status_code in {200, 401}
    assert answer.headers["content-type"].startswith("text/html")
    assert KEYWORDS.search(answer.text)
    assert 'action="/connexion"' in answer.text


@pytest.mark.parametrize("origin", ["sas", "sas-preprod", "sas-rui", "sas-rui-ovh"])
def test_sso_while_unidentified(service: Service, browser: httpx.Client, issuer: str, origin: str) -> None:
    answer = browser.get(booking_link(service, origin=origin), follow_redirects=True)

    assert answer.status_code == 200
    assert str(answer.url).startswith(f"{issuer}/oauth2/authorize?")
    assert answer.headers["content-type"].startswith("text/html")


# What is asked


def test_the_question_is_asked_with_a_proof_key_a_state_and_a_nonce(
    service: Service, browser: httpx.Client
) -> None:
    asked = [
        parse_qs(browser.get(booking_link(service), follow_redirects=True).url.query.decode())
        for _ in range(2)
    ]

    for one in asked:
        assert one["response_type"] == ["code"]
        assert one["code_challenge_method"] == ["S256"]
        assert one["redirect_uri"] == [f"{service.address}/sas/retour"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]


# Who gets in


def test_a_regulator_arrives_on_the_agenda(
    service: Service, browser: httpx.Client, send_regulator: Send
) -> None:
    subject = a_subject()
    send_regulator(subject)
    link = booking_link(service)

    page = enter(browser, link, subject)

    assert page.status_code == 200
    assert page.url.path == "/sas/agenda"
    assert "Dr Anne Guillou" in page.text
    assert re.search(rf'value="{free_slots(service)[0].id}"[^>]* checked', page.text)


def test_an_open_session_goes_straight_on(
    service: Service, browser: httpx.Client, send_regulator: Send
) -> None:
    subject = a_subject()
    send_regulator(subject)
    enter(browser, booking_link(service), subject)

    answer = browser.get(booking_link(service))

    assert answer.status_code == 200
    assert "Dr Anne Guillou" in answer.text


def test_terms_are_accepted_once(service: Service, browser: httpx.Client, send_regulator: Send) -> None:
    subject = a_subject()
    made = send_regulator(subject, accepted=False)
    page = enter(browser, booking_link(service), subject)
    assert page.url.path == "/sas/conditions"
    csrf = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page.text)
    assert csrf

    page = browser.post(page.url, data={"csrf_token": csrf[1]}, follow_redirects=True)

    assert page.url.path == "/sas/agenda"
    with service.wiring.transaction() as session:
        statement = sa.text("SELECT terms_version, terms_accepted_at FROM regulator WHERE account_id = :id")
        row = session.execute(statement, {"id": made["id"]}).one()
    assert row.terms_version
    assert row.terms_accepted_at == service.clock.now()


def test_a_regulator_is_found_by_the_national_identifier_where_the_settings_say_so(
    database_server: sa.URL, worker_name: str, issuer: str
) -> None:
    national = "810002673899"
    settings = settings_for(issuer) | {"sas_sso_claim": "absent", "sas_sso_national_claim": "SubjectNameID"}
    httpx.put(f"{issuer}/users/{national}", json={"SubjectNameID": national})
    with (
        support.clone_of_template(database_server, f"{worker_name}_sas_national") as url,
        running_service(url, **settings) as service,
        httpx.Client(base_url=service.address, timeout=30) as browser,
    ):
        httpx.post(f"{service.address}/fhir/Practitioner", json=a_regulator(national, NATIONAL))
        assert enter(browser, booking_link(service), national).url.path == "/sas/conditions"


# Who does not


def test_an_unknown_account_is_told_so(service: Service, browser: httpx.Client) -> None:
    page = enter(browser, booking_link(service), a_subject())

    assert page.status_code == 403
    assert "Compte non ouvert ici" in page.text
    assert COOKIE not in browser.cookies


def test_a_disabled_account_is_told_so(service: Service, browser: httpx.Client, send_regulator: Send) -> None:
    subject = a_subject()
    send_regulator(subject, active=False)

    assert enter(browser, booking_link(service), subject).status_code == 403


def test_disabling_an_account_ends_its_session(
    service: Service, browser: httpx.Client, send_regulator: Send
) -> None:
    subject = a_subject()
    send_regulator(subject)
    enter(browser, booking_link(service), subject)

    send_regulator(subject, active=False)

    assert browser.get(booking_link(service)).headers["location"].startswith("/sas/entrer")


def test_a_session_ends_with_its_time(service: Service, browser: httpx.Client, send_regulator: Send) -> None:
    subject = a_subject()
    send_regulator(subject)
    enter(browser, booking_link(service), subject)
    before, link = service.clock.instant, booking_link(service)
    service.clock.advance(timedelta(minutes=service.wiring.settings.sas_session_minutes))
    try:
        assert browser.get(link).headers["location"].startswith("/sas/entrer")
    finally:
        service.clock.instant = before


def asked_with(
    browser: httpx.Client, service: Service, issuer: str, subject: str, **changes: str
) -> httpx.Response:
    """Sign in at the provider with a question whose parameters were changed on the way out."""
    out = browser.get(booking_link(service), follow_redirects=True).url
    return signs_in(browser, out.copy_merge_params(changes), subject)


@pytest.mark.parametrize(
    "changes", [{"nonce": "another"}, {"client_id": "another"}, {"state": "another"}], ids=str
)
def test_an_answer_to_another_question_is_refused(
    service: Service,
    browser: httpx.Client,
    issuer: str,
    send_regulator: Send,
    changes: dict[str, str],
) -> None:
    subject = a_subject()
    send_regulator(subject)

    page = asked_with(browser, service, issuer, subject, **changes)

    assert page.status_code == 403
    assert "Connexion non aboutie" in page.text
    assert COOKIE not in browser.cookies


def test_an_answer_in_another_browser_is_refused(
    service: Service, browser: httpx.Client, send_regulator: Send
) -> None:
    subject = a_subject()
    send_regulator(subject)
    out = browser.get(booking_link(service), follow_redirects=True)
    back = browser.post(out.url, data={"sub": subject}).headers["location"]

    with httpx.Client(base_url=service.address) as victim:
        assert victim.get(back).status_code == 403
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 403  # nor twice


def test_an_expired_token_is_refused(database_server: sa.URL, worker_name: str) -> None:
    with (
        provider("--token-max-age", "-3600") as issuer,
        support.clone_of_template(database_server, f"{worker_name}_sas_late") as url,
        running_service(url, **settings_for(issuer)) as service,
        httpx.Client(base_url=service.address, timeout=30) as browser,
    ):
        subject = a_subject()
        httpx.post(f"{service.address}/fhir/Practitioner", json=a_regulator(subject))
        page = enter(browser, booking_link(service), subject)
        assert page.status_code == 403
        assert "Connexion non aboutie" in page.text


def test_somebody_who_gives_up_at_the_platform_is_told_how_to_go_on(
    service: Service, browser: httpx.Client
) -> None:
    out = browser.get(booking_link(service), follow_redirects=True)

    page = browser.post(out.url, data={"action": "deny"}, follow_redirects=True)

    assert page.status_code == 403
    assert "Connexion non aboutie" in page.text


@pytest.mark.parametrize("settings", [{}, {"sas_sso_issuer": "http://localhost:9", "sas_sso_client_id": "x"}])
def test_a_sign_in_that_is_not_there_is_told_in_french(
    database_server: sa.URL, worker_name: str, settings: dict[str, str]
) -> None:
    with (
        support.clone_of_template(database_server, f"{worker_name}_sas_none") as url,
        running_service(url, **settings) as service,
        httpx.Client(base_url=service.address, timeout=30) as browser,
    ):
        page = browser.get(booking_link(service), follow_redirects=True)
        assert page.status_code == 503
        assert "Connexion indisponible" in page.text


# What the session is good for


def test_the_session_of_the_platform_opens_no_other_page(
    service: Service, browser: httpx.Client, send_regulator: Send
) -> None:
    subject = a_subject()
    send_regulator(subject)
    enter(browser, booking_link(service), subject)
    token = browser.cookies[COOKIE]

    with httpx.Client(base_url=service.address, cookies={"snp_session": token, COOKIE: token}) as thief:
        for address in ("/", "/comptoir", "/api/v1/me", "/api/v1/requests"):
            assert thief.get(address).status_code in {303, 401}, address


def test_an_ordinary_session_opens_no_page_of_the_platform(service: Service) -> None:
    from snp.platform.actors import Role
    from tests.support.pages import Visitor, open_account

    open_account(service, "regulatrice", Role.REGULATEUR)
    visitor = Visitor(service)
    visitor.sign_in("regulatrice")
    token = visitor.cookies["snp_session"]
    visitor.close()

    with httpx.Client(base_url=service.address, cookies={"snp_session": token, COOKIE: token}) as browser:
        assert browser.get(booking_link(service)).headers["location"].startswith("/sas/entrer")


def test_without_origin_an_open_session_gives_no_right(
    service: Service, browser: httpx.Client, send_regulator: Send
) -> None:
    subject = a_subject()
    send_regulator(subject)
    enter(browser, booking_link(service), subject)

    answer = browser.get(booking_link(service, origin=""))

    assert "Dr Anne Guillou" not in answer.text
    assert 'action="/connexion"' in answer.text


def test_the_cookie_goes_to_these_pages_only(
    service: Service, browser: httpx.Client, send_regulator: Send
) -> None:
    subject = a_subject()
    send_regulator(subject)
    enter(browser, booking_link(service), subject)

    (cookie,) = [one for one in browser.cookies.jar if one.name == COOKIE]
    assert cookie.path == "/sas"
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"


def test_signing_out_ends_the_session(service: Service, browser: httpx.Client, send_regulator: Send) -> None:
    subject = a_subject()
    send_regulator(subject)
    page = enter(browser, booking_link(service), subject)
    csrf = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page.text)
    assert csrf

    answer = browser.post("/sas/deconnexion", data={"csrf_token": csrf[1]})

    assert "Vous êtes déconnecté" in answer.text
    assert browser.get(booking_link(service)).status_code == 303


def test_the_way_back_leads_nowhere_else(
    service: Service, browser: httpx.Client, send_regulator: Send
) -> None:
    """Nothing that a link holds beside what we know of it survives the sign-in."""
    subject = a_subject()
    send_regulator(subject)
    link = booking_link(service) + "&suite=//ailleurs.example&redirect_uri=https://ailleurs.example"

    page = enter(browser, link, subject)

    assert urlsplit(str(page.url)).netloc == urlsplit(service.address).netloc
    assert "ailleurs" not in str(page.url)


def test_a_link_that_names_nobody_is_not_found(
    service: Service, browser: httpx.Client, send_regulator: Send
) -> None:
    subject = a_subject()
    send_regulator(subject)
    enter(browser, booking_link(service), subject)

    for ps in ("personne", str(uuid4())):
        assert browser.get(f"/sas/agenda?ps={ps}&origin={ORIGIN}").status_code == 404
