"""The forms that every input and output of the JSON API is cut from: strict texts, aware instants, pages.

An input refuses unknown fields, naive times, control characters and unbounded texts. Knows no noun.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Generic, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.types import StringConstraints

from snp.directory.facts import Page

T = TypeVar("T", bound=BaseModel)
H = TypeVar("H", bound=Hashable)

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)


def _printable(text: str) -> str:
    if any(ord(character) < 32 and character not in "\n\t" for character in text) or "\x7f" in text:
        raise ValueError("caractères de contrôle refusés")
    return text


def _as_rfc3339(value: Any) -> Any:
    if isinstance(value, (int, float)) or (isinstance(value, str) and "T" not in value.upper()):
        raise ValueError("une date et une heure (RFC 3339) avec leur décalage sont attendues")
    return value


def _plausible(instant: datetime) -> datetime:
    if not _EARLIEST <= instant < _LATEST:
        raise ValueError("date hors de portée : de 2000 à 2099")
    return instant


def _plausible_day(day: date) -> date:
    if not 1880 <= day.year < 2100:
        raise ValueError("date hors de portée : de 1880 à 2099")
    return day


def _in_order(values: Any) -> Any:
    return sorted(values) if isinstance(values, (set, frozenset)) else values


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_printable),
]
"""One line of text."""
Paragraph = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(_printable),
]
"""A free text; sealed at rest where it may name a person."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,79}$")]
"""A code of a list."""
Insee = Annotated[str, StringConstraints(pattern=r"^(?:[0-9]{2}|2[AB])[0-9]{3}$")]
"""A commune's INSEE code; `2A` and `2B` are Corsica."""
Instant = Annotated[AwareDatetime, BeforeValidator(_as_rfc3339), AfterValidator(_plausible)]
"""An instant with its offset."""
Day = Annotated[date, AfterValidator(_plausible_day)]
"""A local day."""
Kilometres = Annotated[float, Field(ge=0, le=500, allow_inf_nan=False)]
Hours = Annotated[int, Field(ge=1, le=336)]
Sorted = BeforeValidator(_in_order)
"""Lists shown from sets come in order."""
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=600, pattern=r"^[A-Za-z0-9_=-]+$")]


class In(BaseModel):
    """What a client sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """What a client is told."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    @classmethod
    def of(cls, fact: object) -> Self:
        """Return the shown form of a fact with the same field names."""
        return cls.model_validate(fact)


class Listing(BaseModel, Generic[T]):
    """One page of a list, in a stable order; `next` asks for what follows, null at the end."""

    items: list[T]
    next: str | None = Field(default=None, description="Curseur de la page suivante.")


def listing(page: Page[Any], shown: type[T]) -> Listing[T]:
    """Return a page of facts as it is shown."""
    return Listing[shown](items=[shown.model_validate(item) for item in page.items], next=page.next_cursor)  # type: ignore[valid-type]


def some(values: Sequence[H] | None) -> frozenset[H] | None:
    """Return a filter's values as a set; None when the filter was not given."""
    return frozenset(values) if values else None


class ReasonOut(Out):
    """Why something was decided."""

    code: str = Field(examples=["mt_not_called"])
    sentence: str = Field(examples=["Le patient a un médecin traitant et ne l’a pas appelé."])
    source: str


class Made(Out):
    """The identifier of what was made."""

    id: UUID
