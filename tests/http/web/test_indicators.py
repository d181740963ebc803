"""The pages of indicators without a script: figures with their tables, definitions, the report as files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import openpyxl
import pypdf
import pytest

from tests.support.console import Console
from tests.support.pages import PASSWORD, TUESDAY, Form, Page, Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]
HERE = "/coordination/indicateurs"


@pytest.fixture(autouse=True)
def in_the_evening(service: Service) -> None:
    service.clock.instant = TUESDAY.replace(hour=18)


@pytest.fixture
def coordination(signed_in: SignIn) -> Visitor:
    return signed_in("coordination")


def form_to(page: Page, act: str) -> Form:
    """The form that goes to an act, whatever the territory."""
    return next(form for form in page.forms if form.action.partition("?")[0].endswith(act))


def value(html: str, code: str) -> str:
    """The figure of a card."""
    card = html.split(f'aria-labelledby="i-{code}"')[1].split("</article>", maxsplit=1)[0]
    found = re.search(r'<p class="value[^"]*">([^<]*)', card)
    assert found
    return found[1].strip()


def test_every_indicator_of_the_ready_set_is_shown_with_its_table(coordination: Visitor) -> None:
    page = coordination.see(f"{HERE}?periode=month&jour=2026-11-24")
    assert "Indicateurs, novembre 2026" in page.text
    assert value(page.html, "creneaux-publies") == "33"
    assert value(page.html, "creneaux-perdus") == "33"
    assert page.html.count("<article") == 24
    assert page.html.count('role="img"') == 24
    assert page.html.count("<caption") >= 24
    assert "aucun professionnel n’est nommé ni classé" in page.text
    assert len(page.html.encode()) < 100_000


def test_no_name_of_a_practitioner_or_patient_is_on_any_page_or_file(
    coordination: Visitor, signed_in: SignIn, service: Service
) -> None:
    service.clock.instant = TUESDAY
    console = Console(signed_in("regulateur"))
    console.book(console.decide(console.call("Kervadec")))
    service.clock.instant = TUESDAY.replace(hour=18)
    for address in ("", "/creneaux-pris", "/delai-median", "/rapport?annee=2026&format=csv"):
        html = coordination.see(f"{HERE}{address}").html
        for name in ("Guillou", "Le Bris", "Riou", "Kervadec"):
            assert name not in html


def test_one_indicator_is_followed_finely_and_cut(coordination: Visitor) -> None:
    address = f"{HERE}/creneaux-publies?periode=month&jour=2026-11-24&pas=day&comparer=2026-06-01"
    page = coordination.see(f"{address}&repartir=profession")
    assert "24/11/2026" in page.text
    assert "juin 2026" in page.text
    assert "octobre 2026" in page.text
    assert "novembre 2025" in page.text
    assert "masqué" in page.text, "one physiotherapist's slot is a small number"


@pytest.mark.parametrize(
    "query", ["?periode=siecle&jour=x", "?jour=1850-01-01", "?repartir=praticien", "?pas=x"]
)
def test_an_address_that_means_nothing_shows_what_can_be_shown(coordination: Visitor, query: str) -> None:
    assert coordination.see(HERE + query).status == 200
    assert coordination.see(f"{HERE}/decisions{query}").status == 200


def test_an_indicator_is_defined_refused_corrected_edited_and_retired(coordination: Visitor) -> None:
    form = form_to(coordination.see(f"{HERE}/nouveau"), "/nouveau")
    page = coordination.send(form, nom_indicateur="", question="", objectif="beaucoup")
    assert page.status == 422
    for sentence in ("Indiquez le nom", "Choisissez ce qui est compté", "Un nombre, comme 80"):
        assert sentence in page.text
    page = coordination.send(
        form_to(page, "/nouveau"),
        nom_indicateur="Délai des généralistes",
        question="need.median..delay",
        restriction="mode:VR",
        objectif="36,5",
        sens="at_most",
    )
    assert "Cette population ne se restreint pas ainsi" in page.text
    page = coordination.send(form_to(page, "/nouveau"), restriction="profession:medecin_generaliste")
    assert "L’indicateur est créé" in page.text
    assert page.path == f"{HERE}/delai-des-generalistes"
    assert "au plus 36,5 h, par an" in page.text.replace("\u00a0", " ")

    form = form_to(coordination.see(f"{HERE}/delai-des-generalistes/modifier"), "/modifier")
    assert dict(form.fields)["question"] == "need.median..delay"
    page = coordination.send(form, nom_indicateur="Délai chez le généraliste")
    assert "L’indicateur est enregistré" in page.text
    again = coordination.send(form, nom_indicateur="Autre nom")
    assert again.status == 422
    assert "vient d’être modifié par quelqu’un d’autre" in again.text
    assert dict(form_to(again, "/modifier").fields)["nom_indicateur"] == "Autre nom"

    page = coordination.send(form_to(page, "/retirer"))
    assert "n’est plus montré" in page.text
    assert "Coordination" in page.text, "the history says who"
    listed = coordination.see(HERE)
    assert "Indicateurs retirés" in listed.text
    assert 'aria-labelledby="i-delai-des-generalistes"' not in listed.html
    page = coordination.send(form_to(coordination.see(f"{HERE}/delai-des-generalistes"), "/remettre"))
    assert "de nouveau montré" in page.text


def test_a_form_typed_in_a_lost_session_is_taken_up_again(coordination: Visitor) -> None:
    form = form_to(coordination.see(f"{HERE}/servis-24h/modifier"), "/modifier")
    coordination.forget_session()
    page = coordination.send(form, objectif="55")
    page = coordination.send(form_to(page, "/connexion"), identifiant="coordination", mot_de_passe=PASSWORD)
    assert "Rien n’est encore enregistré" in page.text
    assert dict(form_to(page, "/modifier").fields)["objectif"] == "55"
    assert "L’indicateur est enregistré" in coordination.send(form_to(page, "/modifier")).text


def test_the_address_of_a_form_leads_back_to_its_indicator(coordination: Visitor) -> None:
    assert coordination.see(f"{HERE}/decisions/retirer").path == f"{HERE}/decisions"
    assert coordination.see(f"{HERE}/inconnu").status == 404


def test_the_report_is_one_click_away_in_three_formats(coordination: Visitor) -> None:
    csv_text = coordination._client.get(f"{HERE}/rapport?annee=2026&format=csv")
    rows = list(csv.reader(io.StringIO(csv_text.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Indicateurs des soins non programmés, CPTS Pays de Retz, 2026"]
    told = " ".join(row[0] for row in rows[:7] if row).replace("\u00a0", " ")
    for word in (
        "Période : du 01/01/2026",
        "Extraction : mardi 24 novembre 2026",
        "Sources",
        "Secret statistique",
    ):
        assert word in told
    assert next(row for row in rows if row[:1] == ["Créneaux publiés"])[:3] == ["Créneaux publiés", "33", "0"]

    book = coordination._client.get(f"{HERE}/rapport?annee=2026&format=xlsx")
    sheets = openpyxl.load_workbook(io.BytesIO(book.content))
    assert sheets.sheetnames == ["À lire", "Synthèse", "Répartitions", "Mois", "Définitions"]
    lines = {row[0].value: row for row in sheets["Synthèse"].iter_rows(min_row=2)}
    assert lines["Créneaux publiés"][1].value == 33
    assert len(lines) >= 24

    file = coordination._client.get(f"{HERE}/rapport?annee=2026&format=pdf")
    assert file.headers["content-type"] == "application/pdf"
    assert 'filename="indicateurs-pays-de-retz-2026.pdf"' in file.headers["content-disposition"]
    pages = pypdf.PdfReader(io.BytesIO(file.content))
    text = " ".join(page.extract_text() for page in pages.pages).replace("\u00a0", " ")
    for word in ("Créneaux publiés", "Passages aux urgences évités", "SAMU 78", "Estimation, non une mesure"):
        assert word in " ".join(text.split())
    assert pages.metadata is not None
    assert pages.metadata.title == "Indicateurs des soins non programmés, CPTS Pays de Retz, 2026"


@pytest.mark.parametrize("query", ["?annee=2031", "?format=doc", "?annee=abc&format=exe"])
def test_a_report_that_cannot_be_is_refused_in_words(coordination: Visitor, query: str) -> None:
    page = coordination.see(f"{HERE}/rapport{query}")
    assert page.status == 422
    assert "Valeur refusée" in page.text
