"""JSON in, JSON out: what the API's routes refuse before they read further (406, 415)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import Request
from starlette.exceptions import HTTPException

_BODIED: Final = frozenset({"POST", "PUT", "PATCH"})
_ACCEPTED: Final = ("*/*", "application/*", "application/json", "application/problem+json")


async def json_only(request: Request) -> None:
    """Refuse a reader who wants no JSON and a body that is none. Raises `HTTPException` 406 or 415."""
    if not accepts_json(request.headers.get("accept", "*/*")):
        raise HTTPException(HTTPStatus.NOT_ACCEPTABLE)
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if request.method in _BODIED and has_body and not is_json(request.headers.get("content-type", "")):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def accepts_json(accept: str) -> bool:
    """Tell whether one of the accepted ranges holds JSON and is not weighted zero.

    Source: RFC 9110 §12.5.1.
    """
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        refused = any(piece.replace(" ", "") in {"q=0", "q=0.0", "q=0.00", "q=0.000"} for piece in parameters)
        if media in _ACCEPTED and not refused:
            return True
    return not accept.strip()


def is_json(content_type: str) -> bool:
    """Tell whether a content type is JSON (`application/json` or a `+json` suffix)."""
    media = content_type.split(";", maxsplit=1)[0].strip().lower()
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))
