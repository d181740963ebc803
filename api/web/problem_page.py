"""Every refusal as a page: what happened, what to do, in French; without a session, the sign-in form."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from api.problem_types import problem_type
from api.problems import Problem
from api.web.demonstration import tell_the_hour
from api.web.rendering import render
from api.web.sign_in import sign_in_page

_HEADINGS: Final = {
    HTTPStatus.FORBIDDEN: "Vous n’avez pas accès à cette page",
    HTTPStatus.NOT_FOUND: "Page introuvable",
    HTTPStatus.CONFLICT: "Quelqu’un d’autre a été plus rapide",
    HTTPStatus.TOO_MANY_REQUESTS: "Trop d’essais",
    HTTPStatus.SERVICE_UNAVAILABLE: "Le service est très sollicité",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Une erreur est survenue",
}
_SENTENCES: Final = {
    HTTPStatus.NOT_FOUND: "Cette page n’existe pas, ou elle n’est pas à vous.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Rien n’a été enregistré. L’erreur a été notée ; réessayez.",
}
_FRAGMENT: Final = (
    '<div class="notice care" role="alert"><p>Votre session a expiré. '
    '<a href="/connexion">Reconnectez-vous</a> : envoyez le formulaire, votre saisie sera reprise.</p></div>'
)


def problem_page(request: Request, problem: Problem) -> Response:
    """Return the page of a refusal."""
    tell_the_hour(request)
    if problem.status == HTTPStatus.UNAUTHORIZED and request.scope["path"].startswith("/sas/"):
        return render("sas/over.html", status=problem.status, signed_out=False, again="")
    if problem.status == HTTPStatus.UNAUTHORIZED:
        if "hx-request" in request.headers:
            return HTMLResponse(_FRAGMENT, problem.status)
        return sign_in_page(request, status=problem.status)
    if problem.kind.slug == "validation":  # forms are read by their pages: only an address can be at fault
        problem = replace(problem, kind=problem_type("no-such-route"))
    status = HTTPStatus(problem.status)
    reference = str(getattr(request.state, "request_id", ""))
    return render(
        "problem.html",
        status=problem.status,
        heading=_HEADINGS.get(status, problem.kind.title_fr),
        sentence=_SENTENCES.get(status, problem.detail_fr),
        reference=reference if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "",
    )
