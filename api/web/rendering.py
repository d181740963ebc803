"""Turns a template and its facts into a page. Knows no use case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from api.deps import CSRF_FIELD, PageVisit
from api.web.assets import asset
from api.web.demonstration import hour_told

TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence at the top of a page, about what was just done."""

    tone: str
    sentence: str


NOTICES: Final[Mapping[str, Notice]] = {
    "connexion-finie": Notice("care", "Votre session avait expiré. Ce que vous aviez saisi est conservé."),
    "deconnecte": Notice("good", "Vous êtes déconnecté."),
    "creneau-pris": Notice(
        "care", "Ce créneau vient d’être pris par quelqu’un d’autre. Voici de nouvelles propositions."
    ),
    "retenue-finie": Notice(
        "care", "Le temps de confirmation est écoulé : le créneau a été rendu. Voici ce qui est libre."
    ),
    "lache": Notice("good", "Le créneau a été rendu."),
    "annule": Notice("good", "Le rendez-vous est annulé : le créneau est rendu."),
    "deplace": Notice("good", "Le rendez-vous est déplacé."),
    "deja-commence": Notice(
        "care", "Ce rendez-vous a déjà commencé : il ne peut plus être annulé. Appelez le cabinet."
    ),
    "dossier-annule": Notice("good", "Le dossier est annulé."),
    "dossier-avance": Notice("care", "Ce dossier a avancé entre-temps : voici où il en est."),
    "delai-note": Notice("good", "Le délai est noté. Le médecin régulateur décide."),
    "rappel-note": Notice("good", "L’appel est noté."),
    "suivi-note": Notice("good", "Le suivi est noté."),
    "pas-encore": Notice("care", "Ce rendez-vous n’a pas encore eu lieu."),
    "membre-ajoute": Notice("good", "Ce professionnel fait maintenant partie du territoire."),
    "deja-membre": Notice("care", "Ce professionnel fait déjà partie du territoire."),
    "membre-termine": Notice(
        "good", "L’adhésion est terminée aujourd’hui. Les rendez-vous déjà pris restent pris."
    ),
    "plus-membre": Notice("care", "Ce professionnel ne fait plus partie du territoire."),
    "comptoir-ajoute": Notice("good", "Le comptoir est ajouté : créez-lui un compte."),
    "compte-ferme": Notice("good", "Le compte est fermé : ses sessions sont terminées."),
    "compte-ouvert": Notice("good", "Le compte est ouvert."),
    "cle-revoquee": Notice("good", "La clé est révoquée : elle n’ouvre plus rien."),
    "renvoye": Notice("good", "Le message repart."),
    "deja-renvoye": Notice("care", "Ce message est déjà reparti."),
    "reglages-enregistres": Notice("good", "Les réglages sont enregistrés."),
    "reglages-changes": Notice("care", "Quelqu’un d’autre vient de changer ce territoire : recommencez."),
    "saisie-reprise": Notice("care", "Votre saisie est reprise. Rien n’est encore enregistré."),
    "territoire-cree": Notice("good", "Le territoire est créé. Complétez maintenant ses communes."),
    "communes-enregistrees": Notice("good", "Le périmètre est enregistré."),
    "derniere-commune": Notice("care", "Un territoire garde au moins une commune."),
    "professionnels-importes": Notice(
        "good", "Les professionnels sont importés et font partie du territoire."
    ),
    "en-attente": Notice("good", "Le dossier est enregistré. Il attend l’appel au médecin traitant."),
    "pris-entre-temps": Notice("care", "Ce créneau vient d’être pris : voici qui vient."),
    "publics-changes": Notice("good", "C’est enregistré : qui l’a déjà pris le garde."),
    "acces-donne": Notice("good", "L’accès est donné."),
    "adresse-creee": Notice(
        "good", "Votre adresse privée est prête. L’ancienne, s’il y en avait une, ne répond plus."
    ),
    "adresse-supprimee": Notice("good", "L’adresse est supprimée : elle ne répond plus."),
    "noms-enregistres": Notice("good", "C’est enregistré."),
    "calendrier-ajoute": Notice("good", "Le calendrier est ajouté : il sera lu dans la minute."),
    "calendrier-retire": Notice("good", "Le calendrier n’est plus lu : ce qu’il masquait est revenu."),
    "indicateur-cree": Notice(
        "good", "L’indicateur est créé : ses chiffres sont calculés sur tout le passé."
    ),
    "indicateur-enregistre": Notice("good", "L’indicateur est enregistré."),
    "indicateur-retire": Notice("good", "L’indicateur n’est plus montré ; son historique reste."),
    "indicateur-revenu": Notice("good", "L’indicateur est de nouveau montré."),
    "acces-retire": Notice("good", "L’accès est retiré, dès maintenant."),
}
"""What an address may ask a page to say (`?info=`): a closed list, so that nobody else puts words there."""


def render(
    template: str,
    *,
    visit: PageVisit | None = None,
    status: int = 200,
    info: str | None = None,
    headers: Mapping[str, str] | None = None,
    **facts: Any,
) -> HTMLResponse:
    """Return a page. `visit` brings the account and the form token; `info` names a notice."""
    context: dict[str, Any] = {
        "visitor": visit,
        "csrf_field": lambda: csrf_input(visit.csrf if visit else None),
        "notice": NOTICES.get(info or ""),
        "hour_told": hour_told(),
        "errors": {},
        "typed": {},
    }
    text = _environment().get_template(template).render(context | facts)
    return HTMLResponse(text, status, headers=headers)


def see(address: str, *, info: str | None = None) -> RedirectResponse:
    """Send the browser on with GET, so that going back or reloading sends nothing twice."""
    query = f"?{urlencode({'info': info})}" if info else ""
    return RedirectResponse(address + query, status_code=303)


def csrf_input(token: str | None) -> Markup:
    """Return the hidden field of the form token; nothing when nobody is signed in."""
    if token is None:
        return Markup("")
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, escape(token))


def dialled(number: str) -> str:
    """Return a number as the address of a telephone link holds it: without any kind of space.

    Source: RFC 3966 §3, which allows no space in a number.
    """
    return "".join(number.split())


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset
    environment.filters["dialled"] = dialled
    return environment
