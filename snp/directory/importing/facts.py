"""The words of an import: what a row says, what is wrong with it, and what the import did."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from snp.directory.facts import CommuneView, OrganisationKind


class ImportKind(StrEnum):
    """What each row of a file describes; a practitioner's row may also name the site where he practises."""

    PRACTITIONERS = "practitioners"
    SITES = "sites"


class RowRule(StrEnum):
    """What a row may break; stable codes."""

    CELL_COUNT = "cell_count"
    REQUIRED = "required"
    FORM = "form"
    UNKNOWN_PROFESSION = "unknown_profession"
    UNKNOWN_COMMUNE = "unknown_commune"
    AMBIGUOUS_COMMUNE = "ambiguous_commune"
    UNKNOWN_KIND = "unknown_kind"
    DUPLICATE_ROW = "duplicate_row"
    CONTRADICTS_ROW = "contradicts_row"
    BELONGS_TO_ANOTHER = "belongs_to_another"


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong with one row. `row`: as a spreadsheet numbers it, the header being row 1."""

    row: int
    column: str
    value: str
    rule: RowRule
    sentence: str


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """The organisation a row names."""

    kind: OrganisationKind
    name: str


@dataclass(frozen=True, slots=True)
class SiteRow:
    """The site a row describes; None where the row says nothing, which changes nothing."""

    name: str
    address: str
    postal_code: str
    insee: str
    lat: float | None = None
    lon: float | None = None
    phone: str | None = None
    finess: str | None = None
    siret: str | None = None
    organisation: OrganisationRow | None = None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """The practitioner a row describes; None where the row says nothing, which changes nothing."""

    family_name: str
    given_name: str
    profession: str
    rpps: str | None = None
    adeli: str | None = None
    title: str | None = None
    specialty_code: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A row that may be written."""

    row: int
    person: PersonRow | None
    site: SiteRow | None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What names in a file may mean: communes by code, professions by every folded spelling."""

    communes: dict[str, CommuneView]
    by_postal_code: dict[str, tuple[CommuneView, ...]]
    by_name: dict[str, tuple[CommuneView, ...]]
    professions: dict[str, str]
    profession_labels: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """How many entries of one sort were created, updated, or found as they were."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or in a dry run would do. `written` False: nothing was kept.

    `rows`: data rows read, blank ones left out. `skipped`: rows with an error, left out on demand.
    """

    kind: ImportKind
    rows: int
    skipped: int
    dry_run: bool
    written: bool
    practitioners: Tally = field(default_factory=Tally)
    sites: Tally = field(default_factory=Tally)
    organisations: Tally = field(default_factory=Tally)
    links: int = 0
    memberships: int = 0
    errors: tuple[RowError, ...] = ()
    ignored_columns: tuple[str, ...] = ()
