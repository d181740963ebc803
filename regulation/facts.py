"""What every part of the regulation passes on: a reason, told the same way wherever a decision is taken."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was decided: a stable code, a French sentence for users, and where the rule comes from.

    Reasons are stored with the decision they explain, so they hold no identity and no free text of a caller.
    """

    code: str
    sentence: str
    source: str

    def to_json(self) -> dict[str, Any]:
        """The reason as it is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """The reason as it was stored."""
        return cls(code=stored["code"], sentence=stored["sentence"], source=stored["source"])


def reasons_to_json(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    """Several reasons as they are stored, in order."""
    return [reason.to_json() for reason in reasons]
