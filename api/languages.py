"""Which language a reader prefers: French unless he says English first. Pure."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=256)
def prefers_french(accept_language: str | None) -> bool:
    """Tell whether `Accept-Language` puts French no later than English; nothing said means French.

    Source: RFC 9110 §12.5.4. The users are French carers: an unknown language gets French too.
    """
    weights = {"fr": -1.0, "en": -1.0}
    for part in (accept_language or "").split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().split("-")[0].lower()
        if language in weights:
            weights[language] = max(weights[language], _weight(parameters))
    return weights["en"] <= 0 or weights["fr"] >= weights["en"]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
