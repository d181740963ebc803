"""FHIR JSON in, FHIR JSON out: which spellings are taken for it, and how an answer is sent.

Knows no resource. The platform announces the obsolete `application/json+fhir`: no spelling of JSON, and no
range that a browser or a library sends by habit, may end in a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX: Final = "/fhir"
MEDIA_TYPE: Final = "application/fhir+json"
FORMAT: Final = "_format"
READING: Final = ["GET", "HEAD"]
"""The methods of a route that only reads."""

_JSON: Final = frozenset(
    {"json", "text/json", "application/json", "application/fhir+json", "application/json+fhir"}
)
_OTHER_FORMATS: Final = frozenset(
    {
        *("application/fhir+xml", "application/xml+fhir", "application/xml", "text/xml"),
        *("application/fhir+turtle", "application/turtle", "text/turtle"),
    }
)
"""What FHIR can be written in besides JSON. Source: FHIR R4 §3.1.0.1.11 (content types and encodings)."""
_BODIED: Final = frozenset({"POST", "PUT", "PATCH"})


def is_fhir(path: str) -> bool:
    """Tell whether an address belongs to the FHIR door."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


async def fhir_json(request: Request) -> None:
    """Refuse who wants another format of FHIR only, and a body that is no JSON.

    `_format` counts before `Accept`. Raises `HTTPException` 406 or 415.
    """
    wanted = request.query_params.get(FORMAT)
    if wanted is not None:
        if media_of(wanted) not in _JSON:
            raise HTTPException(HTTPStatus.NOT_ACCEPTABLE)
    elif wants_other_format(request.headers.get("accept", "")):
        raise HTTPException(HTTPStatus.NOT_ACCEPTABLE)
    if request.method in _BODIED and media_of(request.headers.get("content-type", "")) not in _JSON:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def media_of(text: str) -> str:
    """The media type of a header or of `_format`, whose `+` may have been decoded into a blank."""
    return text.split(";", maxsplit=1)[0].strip().lower().replace(" ", "+")


def wants_other_format(accept: str) -> bool:
    """Tell whether every accepted range names XML or Turtle; anything else is answered in JSON."""
    ranges = [media_of(part) for part in accept.split(",") if part.strip()]
    return bool(ranges) and all(media in _OTHER_FORMATS for media in ranges)


def fhir_response(
    resource: Mapping[str, Any], status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a resource as FHIR JSON."""
    return Response(orjson.dumps(resource), status, dict(headers or {}), MEDIA_TYPE)


class SlashTolerant:
    """Reads `/fhir/Slot/` as `/fhir/Slot`: some clients end every address so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and is_fhir(scope["path"]):
            scope["path"] = scope["path"].rstrip("/")  # in place: the layers outside read what comes of it
        await self._app(scope, receive, send)
