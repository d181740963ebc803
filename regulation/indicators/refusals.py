"""What may be refused of an indicator."""

from __future__ import annotations

from snp.errors import Conflict


class IndicatorCodeTaken(Conflict):
    """The territory has an indicator of this short name already."""

    slug = "indicator-code-taken"
    fr = "Un indicateur de ce territoire porte déjà ce nom court : {code}."

    def __init__(self, code: str) -> None:
        super().__init__(f"indicator {code} exists", code=code)
