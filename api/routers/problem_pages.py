"""What each problem type means and what to do: the pages that `Link: rel="help"` points to."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from api.problem_types import PROBLEM_TYPES, ProblemType

router = APIRouter(include_in_schema=False)


@router.get("/problems")
def list_problem_types() -> HTMLResponse:
    """List every problem type."""
    rows = "".join(
        f'<tr><td><a href="/problems/{kind.slug}"><code>{kind.slug}</code></a></td>'
        f"<td>{kind.status}</td><td>{escape(kind.title_fr)}</td><td lang=en>{escape(kind.title)}</td></tr>"
        for kind in PROBLEM_TYPES.values()
    )
    table = f"<table><thead><tr><th>Type<th>Statut<th>Nom<th>Name</thead><tbody>{rows}</tbody></table>"
    return _page("Types de problèmes", table)


@router.get("/problems/{slug}")
def show_problem_type(slug: str) -> HTMLResponse:
    """Explain one problem type."""
    kind = PROBLEM_TYPES.get(slug)
    if kind is None:
        raise HTTPException(404)
    return _page(kind.title_fr, _explained(kind))


def _explained(kind: ProblemType) -> str:
    return (
        f"<p lang=en>{escape(kind.title)}</p>"
        f"<dl><dt>Type</dt><dd><code>{kind.urn}</code></dd><dt>Statut HTTP</dt><dd>{kind.status}</dd>"
        f"<dt>Que faire</dt><dd>{escape(kind.advice)}</dd></dl>"
        '<p><a href="/problems">Tous les types</a></p>'
    )


def _page(title: str, body: str) -> HTMLResponse:
    return HTMLResponse(
        f"<!doctype html><html lang=fr><meta charset=utf-8><title>{escape(title)} – SNP</title>"
        f'<meta name=viewport content="width=device-width"><link rel=stylesheet href="/static/snp.css">'
        f"<main><h1>{escape(title)}</h1>{body}</main></html>"
    )
