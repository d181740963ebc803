"""What a provider's claims say of whose account it is. Pure.

Source: ANS, documentation technique de Pro Santé Connect: `SubjectNameID` and `preferred_username` hold the
national identifier of a professional (PS_IdNat), `8` followed by his RPPS; ANS, annexe sources des données
métier (type d'identifiant: 8 is an RPPS, 0 an ADELI, 3 a structure and an internal number).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

_NATIONAL: Final = re.compile(r"8([0-9]{11})")


def named(claims: Mapping[str, Any], places: Collection[str]) -> str | None:
    """Return the first text among the places; None when no claim holds one."""
    values = (claims.get(place) for place in places)
    return next((value.strip() for value in values if isinstance(value, str) and value.strip()), None)


def national_rpps(claims: Mapping[str, Any], places: Collection[str]) -> str | None:
    """Return the eleven digits of the RPPS that the first national identifier holds; None without one."""
    for place in places:
        value = claims.get(place)
        found = _NATIONAL.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is not None:
            return found[1]
    return None
