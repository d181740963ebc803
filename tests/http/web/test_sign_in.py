"""Signing in and out, what a finished session interrupts, and who may see what."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.http.web.test_desk import EAR, eligible, first_step, patient_form, proposals
from tests.support.pages import PASSWORD, Form, Page, Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]


def sign_in_again(visitor: Visitor, page: Page, login: str = "pharmacie") -> Page:
    assert page.status == 401
    return visitor.send(page.form("/connexion"), identifiant=login, mot_de_passe="une phrase assez longue")


def test_a_stranger_is_shown_the_sign_in_form_then_the_page_he_wanted(
    signed_in: SignIn, visitor: Visitor
) -> None:
    wanted = eligible(signed_in("pharmacie")).path
    page = visitor.see(wanted)
    assert page.path == "/connexion"
    page = visitor.send(
        page.form("/connexion"), identifiant="pharmacie", mot_de_passe="une phrase assez longue"
    )
    assert page.path == wanted


def test_a_wrong_password_is_told_without_saying_which_was_wrong(signed_in: SignIn, visitor: Visitor) -> None:
    signed_in("pharmacie")
    page = visitor.sign_in("pharmacie", "mauvais")
    unknown = visitor.sign_in("personne", "mauvais")
    assert page.status == unknown.status == 422
    assert "Identifiant ou mot de passe incorrect" in page.text
    assert "Identifiant ou mot de passe incorrect" in unknown.text
    assert "mauvais" not in page.html


def test_signing_in_never_leads_to_another_site(signed_in: SignIn, visitor: Visitor) -> None:
    signed_in("pharmacie")
    form = visitor.see("/connexion?suite=//ailleurs.example").form("/connexion")
    page = visitor.send(
        form, identifiant="pharmacie", mot_de_passe="une phrase assez longue", suite="//ailleurs.example"
    )
    assert page.path == "/"


def test_signing_out_closes_every_page(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = visitor.send(visitor.see("/").form("/deconnexion"))
    assert "Vous êtes déconnecté" in page.text
    assert visitor.see("/").path == "/connexion"


def test_the_cookie_is_out_of_reach_of_scripts(signed_in: SignIn) -> None:
    (cookie,) = signed_in("pharmacie").cookies.jar
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"


def test_the_session_lasts_whatever_the_clock_of_the_counter_says(
    service: Service, visitor: Visitor, signed_in: SignIn
) -> None:
    signed_in("pharmacie")
    form = visitor.see("/connexion").form("/connexion")
    typed = dict(form.fields) | {"identifiant": "pharmacie", "mot_de_passe": PASSWORD}
    answer = httpx.post(service.address + form.action, data=typed)
    told = answer.headers["set-cookie"].lower()
    assert f"max-age={service.wiring.settings.session_hours * 3600};" in told
    assert "expires=" not in told


def test_the_first_page_survives_a_finished_session(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    form = first_step(visitor).form("/comptoir/demandes")
    visitor.forget_session()
    page = sign_in_again(visitor, visitor.send(form, reponse="aucun"))
    assert page.path == "/comptoir"
    assert 'value="05/04/1985"' in page.html
    assert dict(page.form("/comptoir/demandes").fields)["motif"] == EAR["motif"]


def test_the_patients_page_survives_a_finished_session(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = eligible(visitor)
    visitor.forget_session()
    asked = visitor.send(patient_form(page), mt="non", nom="Garnier", prenom="Jeanne")
    assert "Garnier" not in asked.html
    page = sign_in_again(visitor, asked)
    assert 'value="Garnier"' in page.html
    assert page.path.startswith("/comptoir/demandes/")


def test_a_dossier_is_found_again_after_a_finished_session(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = proposals(visitor, "Francois")
    visitor.forget_session()
    again = sign_in_again(visitor, visitor.send(page.form("/retenir")))
    assert again.path == page.path
    assert "Créneaux proposés" in again.text


def test_a_tampered_envelope_is_left_aside(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = eligible(visitor)
    visitor.forget_session()
    asked = visitor.send(patient_form(page), mt="non", nom="Garnier", prenom="Jeanne")
    page = visitor.send(
        asked.form("/connexion"),
        identifiant="pharmacie",
        mot_de_passe="une phrase assez longue",
        reprise="bm9u",
    )
    assert page.path == "/"


def test_a_session_ends_by_itself(signed_in: SignIn, service: Service) -> None:
    visitor = signed_in("infirmiers")
    before = service.clock.instant
    service.clock.instant = before.replace(hour=23)
    try:
        assert visitor.see("/").path == "/connexion"
    finally:
        service.clock.instant = before


def test_a_form_without_its_token_is_refused(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = visitor.send(Form("/comptoir/demandes", [("motif", "ear_pain")]))
    assert page.status == 403
    assert "Le formulaire a expiré" in page.text


@pytest.mark.parametrize("login", ["osnp", "coordination", "admin"])
def test_the_desk_is_closed_to_other_roles(signed_in: SignIn, login: str) -> None:
    page = signed_in(login).see("/comptoir")
    assert page.status == 403
    assert "Vous n’avez pas accès à cette page" in page.text


@pytest.mark.parametrize("accept", ["*/*", "text/html", None])
@pytest.mark.parametrize("path", ["/", "/comptoir"])
def test_a_page_without_a_session_leads_to_the_sign_in_form(
    service: Service, accept: str | None, path: str
) -> None:
    headers = {"accept": accept} if accept else {}
    with httpx.Client(base_url=service.address) as stranger:
        if accept is None:
            del stranger.headers["accept"]
        answer = stranger.get(path, headers=headers)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/connexion")


def test_who_asks_for_json_is_told_so_in_json(service: Service) -> None:
    answer = httpx.get(f"{service.address}/", headers={"accept": "application/json"})

    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:snp:problem:not-signed-in"


def test_an_unknown_address_is_told_in_french(visitor: Visitor) -> None:
    page = visitor.see("/nulle-part")
    assert page.status == 404
    assert "Page introuvable" in page.text


def test_pages_refuse_foreign_scripts_frames_and_copies(visitor: Visitor) -> None:
    page = visitor.see("/connexion")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert "style=" not in page.html
    assert "onclick" not in page.html


def test_files_are_kept_for_good_under_a_marked_address(visitor: Visitor) -> None:
    html = visitor.see("/connexion").html
    address = html.split('href="/static/snp.css')[1].split('"')[0]
    page = visitor.see(f"/static/snp.css{address}")
    assert "immutable" in page.headers["cache-control"]
    assert visitor.see("/static/snp.css").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("address", ["/connexion", "/rendez-vous", "/rendez-vous/annuler"])
def test_a_form_sent_from_another_site_is_refused(service: Service, address: str) -> None:
    for header in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://ailleurs.example"}):
        answer = httpx.post(service.address + address, data={"code": "x"}, headers=header)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "address", ["/connexion", "/rendez-vous", "/medecin-traitant", "/rdv/inconnu", "/lien/inconnu"]
)
def test_a_link_of_a_webmail_is_followed(service: Service, address: str) -> None:
    """A form of another site is refused; a link followed from there is what such pages are for."""
    told = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}

    answer = httpx.get(service.address + address, headers=told)

    assert answer.status_code in {200, 404}
