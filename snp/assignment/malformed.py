"""The refusal of an input that is not what its format says."""

from __future__ import annotations

from snp.errors import SnpError


class MalformedInput(SnpError):
    """The document breaks its format; the message is one line that begins with the place."""

    slug = "malformed-input"
    fr = "Le document ne respecte pas le format attendu, à « {place} » : {problem}"

    def __init__(self, place: str, problem: str) -> None:
        self.place = place
        self.problem = problem
        super().__init__(f"{place}: {problem}", place=place, problem=problem)
