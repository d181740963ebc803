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
    "lien-en-cours": Notice(
        "care", "Un lien en cours propose déjà ces créneaux : révoquez-le pour en refaire un."
    ),
    "lien-revoque": Notice("good", "Le lien est révoqué : il n’ouvre plus rien."),
    "plus-membre": Notice("care", "Ce professionnel ne fait plus partie du territoire."),
    "comptoir-ajoute": Notice("good", "Le comptoir est ajouté : créez-lui un compte."),
    "compte-ferme": Notice("good", "Le compte est fermé : ses sessions sont terminées."),
    "compte-ouvert": Notice("good", "Le compte est ouvert."),
    "cle-revoquee": Notice("good", "La clé est révoquée : elle n’ouvre plus rien."),
    "renvoye": Notice("good", "Le message repart."),
    "deja-renvoye": Notice("care", "Ce message est déjà reparti."),
    "partage-propose": Notice("good", "L’offre est faite : elle vaudra quand ce voisin l’aura acceptée."),
    "partage-accepte": Notice("good", "L’accord vaut dès maintenant."),
    "partage-refuse": Notice("good", "L’offre est refusée."),
    "partage-termine": Notice("good", "C’est terminé. Les rendez-vous déjà pris restent pris."),
    "partage-deja-regle": Notice("care", "Cet accord a changé entre-temps : voici où il en est."),
    "pret-note": Notice("good", "C’est noté, dès maintenant. Les rendez-vous déjà pris restent pris."),
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
    "rectifie": Notice("good", "L’identité est rectifiée."),
    "oublie": Notice("good", "L’identité est effacée : restent les actes, sans personne."),
    "mt-inscrit": Notice("good", "La personne est sur la liste."),
    "mt-deja-inscrit": Notice("care", "Cette personne est déjà sur la liste médecin traitant."),
    "mt-date": Notice("care", "Une date ne peut pas être juste : vérifiez le terme ou la sortie d’hôpital."),
    "mt-note": Notice("good", "C’est noté."),
    "mt-fin": Notice("care", "Dites pourquoi l’inscription se termine."),
    "mt-clos": Notice("good", "L’inscription est close."),
    "mt-confirme": Notice("good", "Votre inscription est confirmée."),
    "mt-toujours": Notice("good", "C’est noté : vous restez sur la liste."),
    "mt-retire": Notice("good", "Vous êtes retiré de la liste : vos données sont effacées."),
    "mt-refuse": Notice("good", "C’est noté : vous gardez votre ancienneté sur la liste."),
    "mt-signee": Notice("good", "Merci : votre inscription est terminée."),
    "mt-deja-fait": Notice("care", "Cela a changé entre-temps : voici où en est l’inscription."),
    "mt-places": Notice("good", "Vos places sont déclarées : voici qui attend."),
    "mt-places-fermees": Notice("good", "Ces places ne sont plus proposées."),
    "mt-pris": Notice("care", "Un autre cabinet a été plus rapide, ou il ne reste pas de place."),
    "mt-accepte": Notice("good", "C’est noté : la personne est prévenue. Appelez-la."),
    "temps-declare": Notice("good", "Votre temps est déclaré : il figure sur le relevé du mois."),
    "temps-retire": Notice("good", "La déclaration est retirée."),
    "acte-note": Notice("good", "C’est noté : le relevé du mois est à jour."),
    "acte-a-venir": Notice("care", "Dites d’abord, sur votre semaine, si le patient est venu."),
    "regle-ajoutee": Notice("good", "La règle est enregistrée. Les relevés provisoires suivront."),
    "enveloppe-enregistree": Notice("good", "L’enveloppe et la clôture sont enregistrées."),
    "mois-clos": Notice(
        "good", "Les relevés du mois sont clos : une correction sera une ligne d’un mois suivant."
    ),
    "mois-en-cours": Notice("care", "Ce mois n’est pas terminé : ses relevés ne peuvent pas être clos."),
    "roulement-enregistre": Notice("good", "C’est enregistré, pour les prochains calculs."),
    "participant-note": Notice("good", "C’est noté."),
    "participant-retire": Notice(
        "good", "Il ne prend plus part au roulement. Ses gardes à venir sont à réparer."
    ),
    "acces-direct-enregistre": Notice("good", "Les dates de l’accès direct sont enregistrées."),
    "relais-note": Notice("good", "Le relais est noté : le confrère voit les séances qu’il peut prendre."),
    "relais-termine": Notice("good", "Le relais est terminé ; les séances déjà prises le restent."),
    "modele-enregistre": Notice("good", "Le modèle est enregistré : les prochaines fiches en partent."),
    "rappels-notes": Notice("good", "C’est noté, pour les prochains rappels."),
    "droit-demande": Notice("good", "Votre demande est transmise au délégué à la protection des données."),
    "demande-repondue": Notice("good", "C’est noté : la demande est répondue."),
    "choix-note": Notice("good", "Votre choix est noté. Appelez-le pour prendre rendez-vous."),
    "choix-impossible": Notice("care", "Ce choix n’a pas pu être noté : il l’est peut-être déjà."),
    "appel-ouvert": Notice("good", "L’appel est ouvert : les messages partent, hors des heures de silence."),
    "appel-annule": Notice("good", "L’appel est annulé : ses liens ne publient plus rien."),
    "appel-fini": Notice("care", "Cet appel était déjà terminé."),
    "prevision-refaite": Notice("good", "La prévision est à jour."),
    "merci-publie": Notice("good", "Merci : c’est publié."),
    "moment-parti": Notice("care", "Ce créneau n’est plus à prendre."),
    "indicateur-cree": Notice(
        "good", "L’indicateur est créé : ses chiffres sont calculés sur tout le passé."
    ),
    "indicateur-enregistre": Notice("good", "L’indicateur est enregistré."),
    "indicateur-retire": Notice("good", "L’indicateur n’est plus montré ; son historique reste."),
    "indicateur-revenu": Notice("good", "L’indicateur est de nouveau montré."),
    "appareil-ferme": Notice("good", "Cet appareil est déconnecté."),
    "autres-fermes": Notice("good", "Tous vos autres appareils sont déconnectés."),
    "mot-de-passe-change": Notice(
        "good", "Votre mot de passe est changé. Vos autres appareils sont déconnectés."
    ),
    "facteur-retire": Notice("good", "La connexion en deux étapes est retirée."),
    "fournisseur-rattache": Notice("good", "C’est rattaché : vous pouvez vous connecter ainsi."),
    "fournisseur-detache": Notice("good", "C’est détaché : ce service n’ouvre plus votre compte."),
    "fournisseur-perdu": Notice("care", "Rien n’est rattaché : votre session a changé. Recommencez d’ici."),
    "fournisseur-refuse": Notice("care", "Rien n’est rattaché : la connexion là-bas n’a pas abouti."),
    "fournisseur-pris": Notice("care", "Cette identité ouvre déjà un autre compte : rien n’est rattaché."),
    "fournisseur-deja": Notice(
        "care", "Une autre identité de ce service est rattachée : détachez-la d’abord."
    ),
    "fournisseur-autre": Notice(
        "care", "Le numéro RPPS de cette identité n’est pas le vôtre : rien n’est rattaché."
    ),
    "facteur-remis": Notice(
        "good", "La connexion en deux étapes est remise à zéro : la personne l’installera de nouveau."
    ),
    "reseaux-enregistres": Notice("good", "Les adresses autorisées sont enregistrées."),
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
