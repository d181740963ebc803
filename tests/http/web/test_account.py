"""One's own account: the second factor from enrolment to loss, the password, the devices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pyotp
import pytest
import sqlalchemy as sa

from snp.platform.actors import Role
from tests.support import database as support
from tests.support.pages import PASSWORD, TUESDAY, Page, Service, Visitor, open_account, running_service

pytestmark = pytest.mark.database

NEW = "une autre phrase assez longue"
Visit = Callable[[], Visitor]


@pytest.fixture(scope="module")
def service(database_server: sa.URL, worker_name: str) -> Iterator[Service]:
    """A service where a régulateur must have a second factor."""
    with (
        support.clone_of_template(database_server, f"{worker_name}_account") as url,
        running_service(url, totp_required_roles=["regulateur"], session_idle_minutes=120) as running,
    ):
        open_account(running, "coordination", Role.COORDINATOR)
        yield running


@pytest.fixture
def visits(service: Service) -> Iterator[Visit]:
    """Visitors, each with a browser of his own."""
    service.clock.instant = TUESDAY
    made: list[Visitor] = []

    def visit() -> Visitor:
        made.append(Visitor(service))
        return made[-1]

    yield visit
    for one in made:
        one.close()


def code(service: Service, secret: str) -> str:
    return pyotp.TOTP(secret).at(service.clock.now())


def later(service: Service, **span: int) -> None:
    service.clock.advance(timedelta(**span))


def secret_of(page: Page) -> str:
    found = re.search(r'<code class="spelled">([A-Z2-7 ]+)</code>', page.html)
    assert found
    return found[1].replace(" ", "")


def codes_of(page: Page) -> list[str]:
    return re.findall(r"<li><code>([a-z2-7-]{19})</code>", page.html)


def enrolled(service: Service, visitor: Visitor, login: str, role: Role) -> tuple[str, list[str]]:
    """Open an account, sign in, and set up a second factor; its secret and its recovery codes."""
    open_account(service, login, role)
    visitor.sign_in(login)
    page = visitor.see("/compte/second-facteur")
    secret = secret_of(page)
    page = visitor.send(page.form("/compte/second-facteur"), code_unique=code(service, secret))
    assert page.status == 200
    return secret, codes_of(page)


def second_step(visitor: Visitor, login: str, typed: str, password: str = PASSWORD) -> Page:
    page = visitor.sign_in(login, password)
    assert "Deuxième étape" in page.text
    return visitor.send(page.form("/connexion/code"), code_unique=typed)


# The second factor


def test_a_second_factor_is_set_up_then_asked_for(service: Service, visits: Visit) -> None:
    secret, codes = enrolled(service, visits(), "arm1", Role.ARM)
    assert len(set(codes)) == 10
    later(service, seconds=30)

    visitor = visits()
    page = second_step(visitor, "arm1", code(service, secret))

    assert page.path == "/"
    assert "en service" in visitor.see("/compte").text


def test_the_page_shows_an_image_and_the_same_secret_in_text(service: Service, visits: Visit) -> None:
    visitor = visits()
    visitor.sign_in("coordination")

    page = visitor.see("/compte/second-facteur")

    assert '<img src="data:image/svg+xml' in page.html
    assert f"secret={secret_of(page)}" in page.html
    wrong = visitor.send(page.form("/compte/second-facteur"), code_unique="000000")
    assert wrong.status == 422
    assert secret_of(wrong) == secret_of(page)
    assert "Installer" in visitor.see("/compte").text


def test_a_code_opens_one_session(service: Service, visits: Visit) -> None:
    secret, _ = enrolled(service, visits(), "arm2", Role.ARM)
    assert second_step(visits(), "arm2", code(service, secret)).status == 422
    later(service, seconds=30)
    typed = code(service, secret)
    assert second_step(visits(), "arm2", typed).path == "/"

    again = second_step(visits(), "arm2", typed)

    assert again.status == 422
    assert "il a déjà servi" in again.text


def test_wrong_codes_close_the_door_though_the_password_is_right(service: Service, visits: Visit) -> None:
    secret, _ = enrolled(service, visits(), "arm3", Role.ARM)
    for _ in range(5):
        page = second_step(visits(), "arm3", "000000")
    assert "Trop d’essais" in page.text

    assert "Trop d’essais" in visits().sign_in("arm3").text
    later(service, minutes=2)
    assert second_step(visits(), "arm3", code(service, secret)).path == "/"


def test_a_recovery_code_replaces_a_lost_telephone_once(service: Service, visits: Visit) -> None:
    _, codes = enrolled(service, visits(), "arm4", Role.ARM)
    visitor = visits()
    assert second_step(visitor, "arm4", codes[0].upper()).path == "/"
    assert "9 codes de secours" in visitor.see("/compte").text

    assert second_step(visits(), "arm4", codes[0]).status == 422


def test_fresh_recovery_codes_replace_the_old_ones(service: Service, visits: Visit) -> None:
    visitor = visits()
    secret, codes = enrolled(service, visitor, "arm5", Role.ARM)
    later(service, seconds=30)
    form = visitor.see("/compte").form("/second-facteur/codes")
    assert visitor.send(form, code_unique="000000").status == 422

    fresh = codes_of(visitor.send(form, code_unique=code(service, secret)))

    assert len(fresh) == 10
    assert not set(fresh) & set(codes)
    assert second_step(visits(), "arm5", codes[0]).status == 422


def test_a_first_proof_alone_opens_nothing_and_does_not_wait_for_ever(
    service: Service, visits: Visit
) -> None:
    secret, _ = enrolled(service, visits(), "arm6", Role.ARM)
    visitor = visits()
    page = visitor.sign_in("arm6")
    assert visitor.see("/").path == "/connexion"
    later(service, minutes=11)

    late = visitor.send(page.form("/connexion/code"), code_unique=code(service, secret))

    assert late.status == 422
    assert "recommencez la connexion" in late.text


def test_a_role_that_must_sets_one_up_before_it_comes_in(service: Service, visits: Visit) -> None:
    open_account(service, "regulateur1", Role.REGULATEUR)
    visitor = visits()
    page = visitor.sign_in("regulateur1")
    assert "Installer la deuxième étape" in page.text
    assert visitor.see("/").path == "/connexion"
    form = page.form("/connexion/second-facteur")
    assert visitor.send(form, code_unique="000000").status == 422

    page = visitor.send(form, code_unique=code(service, secret_of(page)))

    assert len(codes_of(page)) == 10
    assert visitor.see("/").path == "/"
    assert "Votre rôle l’exige" in visitor.see("/compte").text
    refused = visitor.see("/compte").form("/second-facteur/codes")
    refused.action = "/compte/second-facteur/retirer"
    assert visitor.send(refused, code_unique="000000").status == 403
    assert visits().send(form, code_unique="123456").status == 422, "the first enrolment stands"


def test_who_need_not_may_go_without_again(service: Service, visits: Visit) -> None:
    visitor = visits()
    secret, _ = enrolled(service, visitor, "arm7", Role.ARM)
    later(service, seconds=30)
    form = visitor.see("/compte").form("/second-facteur/codes")
    form.action = "/compte/second-facteur/retirer"

    page = visitor.send(form, code_unique=code(service, secret))

    assert "est retirée" in page.text
    assert visits().sign_in("arm7").path == "/"


def test_a_coordinator_takes_a_lost_factor_away_and_the_journal_says_so(
    service: Service, visits: Visit
) -> None:
    owner, coordinator = visits(), visits()
    enrolled(service, owner, "arm8", Role.ARM)
    coordinator.sign_in("coordination")
    page = coordinator.see("/coordination/comptoirs")
    with service.wiring.transaction() as session:
        ident = session.execute(sa.text("SELECT id FROM account WHERE login = 'arm8'")).scalar_one()

    page = coordinator.send(page.form(f"{ident}/second-facteur?territoire={service.town.territory}"))

    assert "remise à zéro" in page.text
    assert owner.see("/").path == "/connexion"
    assert visits().sign_in("arm8").path == "/"
    with service.wiring.transaction() as session:
        statement = sa.text("SELECT why, role FROM audit_entry WHERE resource_id = :id")
        assert session.execute(statement, {"id": ident}).all() == [
            ("second facteur remis à zéro", "coordinator")
        ]


# The password


def test_one_s_own_password_changes_and_other_devices_are_signed_out(service: Service, visits: Visit) -> None:
    open_account(service, "arm9", Role.ARM)
    here, there = visits(), visits()
    here.sign_in("arm9")
    there.sign_in("arm9")
    before = here.cookies["snp_session"]
    form = here.see("/compte").form("/compte/mot-de-passe")

    page = here.send(form, mot_de_passe=PASSWORD, nouveau_mot_de_passe=NEW, mot_de_passe_encore=NEW)

    assert "Votre mot de passe est changé" in page.text
    assert here.cookies["snp_session"] != before
    assert there.see("/").path == "/connexion"
    assert visits().sign_in("arm9", NEW).path == "/"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("", NEW, NEW), "Tapez votre mot de passe actuel"),
        (("faux mot de passe", NEW, NEW), "Ce n’est pas votre mot de passe actuel"),
        ((PASSWORD, NEW, "autre"), "Les deux saisies du nouveau mot de passe diffèrent"),
        ((PASSWORD, "court", "court"), "12 à 200 caractères"),
        ((PASSWORD, PASSWORD, PASSWORD), "Choisissez un mot de passe différent"),
    ],
)
def test_a_password_that_cannot_be_changed_is_told_why(
    visits: Visit, typed: tuple[str, str, str], told: str
) -> None:
    visitor = visits()
    visitor.sign_in("coordination")
    form = visitor.see("/compte").form("/compte/mot-de-passe")
    names = ("mot_de_passe", "nouveau_mot_de_passe", "mot_de_passe_encore")

    page = visitor.send(form, **dict(zip(names, typed, strict=True)))

    assert page.status == 422
    assert told in page.text
    assert "court" not in page.html


# The devices


def test_one_device_is_signed_out_and_nobody_else_s_is(service: Service, visits: Visit) -> None:
    open_account(service, "arm10", Role.ARM)
    here, there, stranger = visits(), visits(), visits()
    here.sign_in("arm10")
    there.sign_in("arm10")
    stranger.sign_in("coordination")
    page = here.see("/compte/appareils")
    assert page.text.count("cet appareil") == 1
    forms = [form for form in page.forms if form.action.endswith("/fermer")]
    assert len(forms) == 2
    other = stranger.see("/compte/appareils").form("/fermer")
    other.action = forms[1].action
    assert stranger.send(other).status == 404

    page = here.send(forms[1])

    assert "Cet appareil est déconnecté" in page.text
    assert there.see("/").path == "/connexion"
    assert "Aucun autre appareil" in page.text
    assert here.send(page.form("/fermer")).path == "/connexion"
    assert here.see("/").path == "/connexion"


def test_all_other_devices_are_signed_out_at_once(service: Service, visits: Visit) -> None:
    open_account(service, "arm11", Role.ARM)
    browsers = [visits() for _ in range(3)]
    for one in browsers:
        one.sign_in("arm11")

    page = browsers[0].send(browsers[0].see("/compte/appareils").form("/fermer-les-autres"))

    assert "Tous vos autres appareils" in page.text
    assert [one.see("/").path for one in browsers] == ["/", "/connexion", "/connexion"]


def test_a_session_ends_when_nobody_uses_it(service: Service, visits: Visit) -> None:
    visitor = visits()
    visitor.sign_in("coordination")
    for _ in range(3):
        later(service, minutes=100)
        assert visitor.see("/compte").path == "/compte"

    later(service, minutes=121)

    assert visitor.see("/compte").path == "/connexion"


def test_signing_in_again_ends_the_session_that_the_browser_had(service: Service, visits: Visit) -> None:
    visitor = visits()
    visitor.sign_in("coordination")
    before = visitor.cookies["snp_session"]
    form = visits().see("/connexion").form("/connexion")
    visitor.send(form, identifiant="coordination", mot_de_passe=PASSWORD)
    assert visitor.cookies["snp_session"] != before

    earlier = visits()
    earlier.cookies.set("snp_session", before)

    assert earlier.see("/compte").path == "/connexion"


@pytest.mark.parametrize("path", ["/compte", "/compte/appareils", "/compte/second-facteur"])
def test_an_account_s_pages_are_its_owner_s(visits: Visit, path: str) -> None:
    assert visits().see(path).path == "/connexion"


def test_a_first_proof_from_another_site_is_refused(service: Service) -> None:
    for path in ("/connexion/code", "/connexion/second-facteur"):
        answer = httpx.post(service.address + path, headers={"Origin": "https://ailleurs.example"})
        assert answer.status_code == 403
