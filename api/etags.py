"""Versions on the wire: `ETag` on what is read, `If-Match` on what is edited.

Source: RFC 9110 §8.8.3 and §13.1.1 (strong comparison: a weak tag never matches); RFC 6585 §3 (428).
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import Depends, Header, Response

from snp.errors import SnpError, VersionMismatch

_TAG: Final = re.compile(r'"([1-9][0-9]{0,8})"')


class PreconditionRequired(SnpError):
    """An edit came without the version that it was made from."""

    slug = "precondition-required"
    fr = "Renvoyez dans « If-Match » l’ETag de la fiche que vous avez lue."


IfMatchHeader = Annotated[
    str | None, Header(alias="If-Match", description='L’ETag lu, par exemple `"3"` ; `*` : quel qu’il soit.')
]


def required_version(if_match: IfMatchHeader = None) -> int | None:
    """Return the version that the edit was made from; None for `*`. Raises `PreconditionRequired`."""
    if if_match is None:
        raise PreconditionRequired
    return _version(if_match)


def optional_version(if_match: IfMatchHeader = None) -> int | None:
    """Return the version that a move was made from, when it says so."""
    return None if if_match is None else _version(if_match)


RequiredVersion = Annotated[int | None, Depends(required_version)]
OptionalVersion = Annotated[int | None, Depends(optional_version)]


def show_version(response: Response, version: int) -> None:
    """Put a version on an answer."""
    response.headers["ETag"] = f'"{version}"'


def _version(if_match: str) -> int | None:
    """Return the version of a single strong tag. What is not a tag of ours matches nothing."""
    if if_match.strip() == "*":
        return None
    match = _TAG.fullmatch(if_match.strip())
    if match is None:
        raise VersionMismatch
    return int(match[1])
