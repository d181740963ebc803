"""What the documentation says of the whole API: its conventions, its tags, the problems of each route."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Allow, AllowPatient
from api.fhir.access import AllowPlatform
from api.problem_types import PROBLEM_TYPES, URN
from api.security.rights import RIGHTS, Action

DESCRIPTION: Final = """\
Publier des créneaux de soins non programmés, réguler les demandes, attribuer, réserver.

* **Authentification** : `Authorization: Bearer snp_<prefix>_<secret>` (clé d’accès), ou la session d’une
  page. Chaque route dit l’action qu’elle demande (`x-action`) ; la table des droits décide.
* **Refus** : `application/problem+json` (RFC 9457), `type` stable (`urn:snp:problem:<slug>`, expliqué sous
  `/problems/<slug>`), `detail` en français ou en anglais selon `Accept-Language`.
* **Répétition** : tout `POST` qui crée accepte `Idempotency-Key` ; la même demande reçoit la même réponse
  (`Idempotency-Replayed: true`) pendant 24 h.
* **Modification** : relisez l’`ETag`, renvoyez-le dans `If-Match` (428 s’il manque, 412 s’il a changé).
* **Listes** : `limit` et `cursor` ; `next` donne le curseur suivant, `null` à la fin.
* **Temps** : RFC 3339 avec décalage ; une heure sans décalage est refusée. Intervalles `[début, fin)`.
"""

OF_THE_API: Final = (400, 401, 403, 404, 405, 406, 408, 413, 414, 415, 422, 429, 500, 503)
"""What any route of the JSON API may refuse."""

TAGS: Final = [
    {"name": "directory", "description": "Territoires, communes, structures, lieux, professionnels."},
    {"name": "agenda", "description": "Créneaux, séries, absences."},
    {
        "name": "rota",
        "description": "Roulement des MSP et des centres de SNP : gardes, échanges, volontaires.",
    },
    {"name": "requests", "description": "Demandes (dossiers) et leurs étapes."},
    {
        "name": "proposals",
        "description": "Propositions, réservations provisoires, confirmation, affectation.",
    },
    {"name": "sharings", "description": "Créneaux partagés entre territoires voisins."},
    {"name": "coverage", "description": "Besoin prévu face aux créneaux publiés, appels aux créneaux."},
    {"name": "appointments", "description": "Rendez-vous et leur suite."},
    {"name": "desk", "description": "Comptoirs : pharmacies, cabinets infirmiers, professionnels."},
    {
        "name": "protection",
        "description": "Protection des données : journal des accès, droits des personnes.",
    },
    {"name": "mt-list", "description": "Liste des personnes sans médecin traitant."},
    {"name": "patient", "description": "Ce que le patient peut faire avec le code de son ticket."},
    {
        "name": "compensation",
        "description": "Majorations, disponibilités financées, relevés, budget de la CPTS.",
    },
    {"name": "indicators", "description": "Indicateurs d’un territoire : définitions, chiffres, rapport."},
    {"name": "access", "description": "Comptes, clés d’accès, délégations."},
    {"name": "service", "description": "État du service."},
]


class FaultOut(BaseModel):
    """One faulty value."""

    location: str = Field(alias="in", examples=["body"])
    pointer: str = Field(examples=["#/patient/birth_date"])
    code: str = Field(examples=["missing"])
    detail_en: str = Field(examples=["Field required"])
    detail_fr: str = Field(examples=["obligatoire"])


class ProblemOut(BaseModel):
    """A refusal (RFC 9457). Other members are the typed fields of its kind."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=[f"{URN}not-found"])
    title: str = Field(examples=["Not found"])
    title_fr: str = Field(examples=["Introuvable"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["Introuvable : demande."])
    instance: str = Field(examples=["urn:uuid:0199c1de-7a35-7b2f-9d4e-6f1f0a1b2c3d"])
    errors: list[FaultOut] | None = None


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documented refusals of a route, by status, each with the types that it may carry."""
    return {status: _documented(status) for status in statuses}


def name_operation(route: APIRoute) -> str:
    """Return the operation's name for generated clients: the function that answers."""
    return route.name


def action_of(route: RouteContext) -> Action | None:
    """Return the action that a route names; None when it names none."""
    for dependency in route.dependant.dependencies:
        if isinstance(dependency.call, (Allow, AllowPatient, AllowPlatform)):
            return dependency.call.action
    return None


def describe(app: FastAPI) -> None:
    """Make the document say of each operation its action (`x-action`) and who may, how far (`x-roles`)."""
    generate = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        document = generate()
        for route in iter_route_contexts(app.routes):
            operations = document["paths"].get(route.path_format)
            action = action_of(route) if operations else None
            if action is not None:
                told = {"x-action": action.value, "x-roles": dict(RIGHTS[action])}
                for method in route.methods or ():
                    operations[method.lower()] |= told
        return document

    app.openapi = described  # type: ignore[method-assign]


def _documented(status: int) -> dict[str, Any]:
    kinds = [kind for kind in PROBLEM_TYPES.values() if kind.status == status]
    examples = {
        kind.slug: {
            "summary": kind.title_fr,
            "value": {
                "type": kind.urn,
                "title": kind.title,
                "title_fr": kind.title_fr,
                "status": status,
                "detail": f"{kind.title_fr}. {kind.advice}",
                "instance": "urn:uuid:0199c1de-7a35-7b2f-9d4e-6f1f0a1b2c3d",
            },
        }
        for kind in kinds
    }
    return {
        "model": ProblemOut,
        "description": " ; ".join(kind.title_fr for kind in kinds),
        "content": {"application/problem+json": {"examples": examples}},
    }
