"""The files that pages load: their addresses change with their content, so browsers keep them for good."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC: Final = Path(__file__).parent / "static"
VENDORED: Final = ("vendor/htmx.min.js", "vendor/pico.classless.min.css")
"""What `make assets` copies there from locked packages."""

_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_FOR_NOW: Final = "no-cache"


@cache
def asset(path: str) -> str:
    """Return the address of a static file, marked with the digest of its content.

    A missing file keeps a plain address: the page then works unstyled, and `missing_assets` says so.
    """
    file = STATIC / path
    if not file.is_file():
        return f"/static/{path}"
    return f"/static/{path}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"


def missing_assets() -> list[str]:
    """Return the vendored files that are not there: `make assets` was not run."""
    return [path for path in VENDORED if not (STATIC / path).is_file()]


class KeptFiles(StaticFiles):
    """Static files, kept for good by browsers when their address carries a digest."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file with its caching header."""
        response = await super().get_response(path, scope)
        marked = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = _FOR_GOOD if marked else _FOR_NOW
        return response
