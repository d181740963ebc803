"""The table of rights as a document: `docs/RIGHTS.md` is what this returns; `snp rights` prints it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from api.fhir.routes import router as fhir
from api.openapi import action_of
from api.routers.api_v1 import api_router, direct_routes, file_router
from api.security.pages import OPEN, OPEN_PATHS, PAGES, SECRETS, page_name, roles_of_page
from api.security.rights import OF_THE_PLATFORM, RIGHTS, SCOPES, Action
from api.security.rights_words import ACTION_WORDS, REACH_WORDS, ROLE_WORDS, SHORT_ROLES
from api.web.routes import router as pages
from snp.platform.actors import Role

_HEAD: Final = """\
# Droits

Écrit par `snp rights`. Ne modifiez pas ce fichier : un test le compare à la table (`api/security/rights.py`,
`api/security/pages.py`) et à toutes les routes du service.

Chaque route nomme une action ; la table dit quel rôle la fait, et sur quoi. Le reste est refusé (403).
Ce qui est hors de portée est introuvable (404), pour que personne n’apprenne ce qui existe chez le voisin.
"""
_ROLES: Final = tuple(role for role in Role if role is not Role.SYSTEM)


def rights_document() -> str:
    """Return the whole document, in Markdown."""
    parts = (_HEAD, _roles(), _reaches(), _actions(), _pages(), _api(), _others())
    return "\n".join(part.rstrip() + "\n" for part in parts)


def rights_rows() -> Iterator[tuple[str, ...]]:
    """The table of actions line by line: code, meaning, scope of a key, then a column for each role."""
    for action in Action:
        rights, scope = RIGHTS[action], SCOPES[action]
        cells = (REACH_WORDS[rights[role]][0] if role in rights else "–" for role in _ROLES)
        yield action.value, ACTION_WORDS[action], scope.value if scope else "–", *cells


def rights_columns() -> tuple[str, ...]:
    """The names of the columns of `rights_rows`."""
    return ("action", "ce que c’est", "portée de clé", *(SHORT_ROLES[role] for role in _ROLES))


def _roles() -> str:
    rows = [(SHORT_ROLES[role], f"`{role.value}`", ROLE_WORDS[role]) for role in Role]
    return "## Rôles\n\n" + _table(("rôle", "code", "qui"), rows)


def _reaches() -> str:
    rows = [(word, f"`{reach.value}`", meaning) for reach, (word, meaning) in REACH_WORDS.items()]
    told = ", ".join(f"`{action.value}`" for action in sorted(OF_THE_PLATFORM))
    return (
        "## Sur quoi\n\n"
        + _table(("mot", "code", "veut dire"), rows)
        + f"\nUne session ouverte par la plateforme nationale ne fait que {told}, et elle seule le fait.\n"
    )


def _actions() -> str:
    return "## Actions et rôles\n\n" + _table(rights_columns(), rights_rows())


def _pages() -> str:
    """The pages for the signed-in, with who gets past the door: the action, within the part of the site."""
    rows = []
    for method, path, route in _routes(pages.routes):
        name = _page(route)
        if name in PAGES:
            rows.append((method, f"`{path}`", f"`{PAGES[name]}`", _said(roles_of_page(name, path))))
    return "## Pages\n\n" + _table(("", "adresse", "action", "pour"), rows)


def _api() -> str:
    rows = []
    for routes in (direct_routes, api_router.routes, file_router.routes, fhir.routes):
        for method, path, route in _routes(routes):
            action = action_of(route)
            if action is not None:
                rows.append((method, f"`{path}`", f"`{action}`", _said(RIGHTS[action])))
    return "## API et FHIR\n\n" + _table(("", "adresse", "action", "pour"), rows)


def _others() -> str:
    """What needs no session: secrets of links and codes, and what is open."""
    rows = []
    for method, path, route in _routes(pages.routes):
        name = _page(route)
        action = action_of(route)
        if name in SECRETS:
            rows.append((method, f"`{path}`", f"lien ou session de la plateforme : `{SECRETS[name]}`"))
        elif action is not None:
            rows.append((method, f"`{path}`", f"code ou lien du patient : `{action}`"))
        elif name in OPEN:
            rows.append(
                (method, f"`{path}`", "ouvert : connexion, fichier, ou renvoi vers une page qui juge")
            )
    rows += [("GET", f"`{path}`", f"ouvert : {why}") for path, why in OPEN_PATHS.items()]
    return "## Sans compte\n\n" + _table(("", "adresse", "ce qui l’ouvre"), rows)


def _routes(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str, RouteContext]]:
    for route in iter_route_contexts(routes):
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield method, str(route.path), route


def _page(route: RouteContext) -> str:
    """The name of a page's function; empty for a route that is no page."""
    original = route.original_route
    return (page_name(original.endpoint) or "") if isinstance(original, APIRoute) else ""


def _said(roles: Iterable[Role]) -> str:
    held = set(roles)
    return ", ".join(SHORT_ROLES[role] for role in Role if role in held)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
