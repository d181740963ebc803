"""From an empty database to a territory that takes calls, step by step, without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa

from api.main import create_app
from api.security import service as security
from api.security.facts import NewAccount
from snp.directory.importing.facts import ImportKind
from snp.directory.importing.template import template
from snp.directory.reference import load_reference
from snp.platform.actors import Role, system
from snp.platform.clock import SteppedClock
from snp.platform.db import create_engine
from tests.support import database as support
from tests.support.http import RunningServer
from tests.support.pages import PASSWORD, TUESDAY, Page, Service, Town, Visitor

pytestmark = pytest.mark.database

NOBODY = UUID(int=0)


@pytest.fixture
def empty(database_server: sa.URL, worker_name: str) -> Iterator[Service]:
    """A service with communes, professions and one administrator: what `snp run` and one command leave."""
    with support.clone_of_template(database_server, f"{worker_name}_first") as url:
        settings = support.test_settings()
        engine = create_engine(url, settings)
        clock = SteppedClock(TUESDAY)
        app = create_app(settings, engine=engine, clock=clock)
        with app.state.wiring.transaction() as session:
            load_reference(session)
            new = NewAccount(login="admin", display_name="Admin", role=Role.ADMINISTRATOR, password=PASSWORD)
            security.create_account(session, new, by=system("tests"), now=TUESDAY)
        server = RunningServer(app)
        server.start()
        yield Service(server.url, app.state.wiring, clock, Town(territory=NOBODY), server)
        server.stop()
        engine.dispose()


@pytest.fixture
def admin(empty: Service) -> Iterator[Visitor]:
    visitor = Visitor(empty)
    yield visitor
    visitor.close()


def ending(page: Page, act: str) -> str:
    return next(one.action for one in page.forms if one.action.split("?")[0].endswith(act))


def territory_of(page: Page) -> str:
    found = re.search(r"territoire=([0-9a-f-]{36})", page.html)
    assert found is not None
    return found[1]


def upload(admin: Visitor, page: Page, content: str, name: str = "pros.csv") -> Page:
    """Send the file as a browser does."""
    form = page.form(ending(page, "/verifier"))
    return admin.send_file(form, "fichier", name, content.encode())


def test_an_administrator_is_led_from_nothing_to_a_territory_that_works(
    admin: Visitor, empty: Service
) -> None:
    page = admin.sign_in("admin")
    assert page.path == "/premiers-pas"
    page = admin.send(
        page.form("/premiers-pas/territoire"), nom_territoire="CPTS Pays de Retz", commune="Pornic"
    )
    assert page.path == "/premiers-pas/communes"
    here = territory_of(page)

    page = admin.see(f"/premiers-pas/communes?territoire={here}&q=pazanne")
    page = admin.send(page.form(ending(page, "/ajouter")))
    assert "2 communes" in page.text

    page = admin.see(f"/premiers-pas/horaires?territoire={here}")
    page = admin.send(page.form(ending(page, "/reglages")), samedi_a="13:00")
    assert page.path == "/premiers-pas"
    assert "le samedi 08:00–13:00" in page.text

    page = admin.see(f"/premiers-pas/professionnels?territoire={here}")
    page = upload(admin, page, template(ImportKind.PRACTITIONERS))
    assert "Rien n’est encore écrit" in page.text
    assert "aucun membre" in page.text
    page = admin.send(page.form(ending(page, "/importer")))
    assert "Les professionnels sont importés" in page.text
    assert re.search(r"[1-9]\d* membre", page.text)

    page = admin.see(f"/coordination/comptoirs?territoire={here}")
    page = admin.send(page.form(ending(page, "/comptes")), role="osnp", identifiant_compte="operateur")
    assert "Compte créé" in page.text
    assert "est prêt" in admin.see(f"/premiers-pas?territoire={here}").text
    assert admin.see("/").path == "/"
    assert "Créneaux des sept prochains jours" in admin.see("/").text


def test_the_steps_are_left_and_resumed_and_gone_back_to(admin: Visitor) -> None:
    page = admin.sign_in("admin")
    page = admin.send(page.form("/territoire"), nom_territoire="CPTS Nord", commune="44210")
    here = territory_of(page)
    page = admin.see("/premiers-pas")
    assert "Il reste 4 étapes" in page.text
    page = admin.see(f"/premiers-pas/communes?territoire={here}&q=machecoul")
    page = admin.send(page.form(ending(page, "/ajouter")))
    assert "Il reste 3 étapes" in admin.see(f"/premiers-pas?territoire={here}").text
    page = admin.see(f"/premiers-pas/communes?territoire={here}")
    page = admin.send(page.form(ending(page, "/retirer")))
    assert "1 commune" in page.text
    assert "/retirer" not in page.html


def test_what_is_missing_to_a_territory_is_told_beside_each_field(admin: Visitor) -> None:
    page = admin.sign_in("admin")
    form = page.form("/territoire")
    wrong = admin.send(form)
    assert wrong.status == 422
    assert "Indiquez le nom du territoire" in wrong.text
    assert "Indiquez une première commune" in wrong.text
    unknown = admin.send(form, nom_territoire="CPTS", commune="Atlantide")
    assert "n’a pas été trouvée" in unknown.text
    assert 'value="CPTS"' in unknown.html
    several = admin.send(form, nom_territoire="CPTS", commune="Saint")
    picked = several.form("/territoire").choices["commune_insee"][0]
    page = admin.send(several.form("/territoire"), commune_insee=picked)
    assert page.path == "/premiers-pas/communes"
    page = admin.send(form, nom_territoire="CPTS", commune="Pornic")
    assert "Un territoire porte déjà ce nom" in page.text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "Choisissez un fichier CSV"),
        ("a;b\n1;2\n", ""),
        ("\x00\x01\x02", ""),
    ],
)
def test_a_file_that_is_none_is_refused_in_french(admin: Visitor, content: str, told: str) -> None:
    page = admin.sign_in("admin")
    page = admin.send(page.form("/territoire"), nom_territoire="CPTS", commune="Pornic")
    page = admin.see(f"/premiers-pas/professionnels?territoire={territory_of(page)}")
    page = upload(admin, page, content)
    assert page.status == 422
    assert 'id="fichier-erreur"' in page.html
    assert "/tmp" not in page.html
    assert told in page.text


def test_a_faulty_row_is_shown_and_nothing_is_written(admin: Visitor) -> None:
    page = admin.sign_in("admin")
    page = admin.send(page.form("/territoire"), nom_territoire="CPTS", commune="Pornic")
    here = territory_of(page)
    header, row, *_ = template(ImportKind.PRACTITIONERS).splitlines()
    rows = [header, row, re.sub(r"\d{11}", "123", row)]
    page = admin.see(f"/premiers-pas/professionnels?territoire={here}")
    page = upload(admin, page, "\n".join(rows) + "\n")
    assert page.status == 422
    assert "Rien n’a été écrit" in page.text
    assert "/importer" not in page.html
    assert "Aucun membre" in admin.see(f"/coordination/personnes?territoire={here}").text


def test_the_file_to_start_from_is_one_that_can_be_imported(admin: Visitor) -> None:
    admin.sign_in("admin")
    page = admin.see("/premiers-pas/professionnels/modele")
    assert page.headers["content-disposition"].endswith('"professionnels.csv"')
    assert page.html == template(ImportKind.PRACTITIONERS)


def test_a_coordinator_without_the_right_makes_no_territory(admin: Visitor, empty: Service) -> None:
    page = admin.sign_in("admin")
    page = admin.send(page.form("/territoire"), nom_territoire="CPTS", commune="Pornic")
    here = territory_of(page)
    page = admin.see(f"/coordination/comptoirs?territoire={here}")
    page = admin.send(page.form(ending(page, "/comptes")), role="coordinator", identifiant_compte="coord")
    password = re.search(r'class="code secret">([^<]+)<', page.html)
    assert password is not None
    coordinator = Visitor(empty)
    page = coordinator.sign_in("coord", password[1])
    form = page.form("/deconnexion")
    form.action = "/premiers-pas/territoire"
    refused = coordinator.send(form, nom_territoire="CPTS Sud", commune="Legé")
    coordinator.close()
    assert refused.status == 403
