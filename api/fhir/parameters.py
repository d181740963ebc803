"""The query of a FHIR search: parameters taken one by one, and what nobody took refused.

A search that misunderstands a parameter would answer something else than what was asked: an unknown, missing
or repeated one is a refusal (400), never ignored.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Self
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import Request

from api.fhir.negotiation import FORMAT
from api.fhir.outcomes import FhirRefusal
from snp.errors import NotFound


class BadParameter(FhirRefusal):
    """A parameter of the search is unknown, missing, repeated or malformed."""

    slug = "fhir-bad-parameter"
    fr = "Paramètre « {parameter} » refusé : {reason}"

    def __init__(self, parameter: str, reason: str, *, issue: str = "invalid") -> None:
        super().__init__(reason, issue=issue, parameter=parameter)
        self.args = (f"{parameter}: {reason}",)


def id_of(kind: str, ident: str) -> UUID:
    """Return the id in an address; what cannot be one names nothing. Raises `NotFound`."""
    try:
        return UUID(ident)
    except ValueError as fault:
        raise NotFound(kind, ident) from fault


class Parameters:
    """The parameters of one query, by name, each with its values in order of appearance."""

    def __init__(self, query: str) -> None:
        self._left: defaultdict[str, list[str]] = defaultdict(list)
        try:
            pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
        except ValueError as fault:
            raise FhirRefusal("la requête n’est pas encodée en UTF-8") from fault
        for name, value in pairs:
            if name != FORMAT:
                self._left[name].append(value)

    @classmethod
    def of(cls, request: Request) -> Self:
        """The parameters of a request; `_format` is the negotiation's own."""
        return cls(request.scope["query_string"].decode("latin-1"))

    def every(self, name: str) -> tuple[str, ...]:
        """Take every value of a parameter, none of them blank."""
        values = tuple(value.strip() for value in self._left.pop(name, ()))
        if not all(values):
            raise BadParameter(name, "la valeur est vide", issue="value")
        return values

    def optional(self, name: str) -> str | None:
        """Take a parameter that may be there once."""
        values = self.every(name)
        if len(values) > 1:
            raise BadParameter(name, "ce paramètre ne se répète pas")
        return values[0] if values else None

    def one(self, name: str) -> str:
        """Take a parameter that must be there once."""
        value = self.optional(name)
        if value is None:
            raise BadParameter(name, "ce paramètre est obligatoire", issue="required")
        return value

    def finish(self) -> None:
        """Refuse what nobody took."""
        for name in self._left:
            raise BadParameter(name or "?", "ce paramètre est inconnu ici", issue="not-supported")
