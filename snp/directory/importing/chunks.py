"""One chunk of good rows brought into the directory: load, decide, write. Never commits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from snp.days import local_day
from snp.directory.facts import CommuneView, OrganisationKind
from snp.directory.importing import matching, repository
from snp.directory.importing.columns import LABELS
from snp.directory.importing.facts import ParsedRow, RowError, RowRule, SiteRow, Tally
from snp.directory.importing.matching import Entry, Index, Values
from snp.directory.repository.communes import communes_by_insee
from snp.directory.words import fold
from snp.platform.columns import new_id


class Outcome(StrEnum):
    """What became of an entry; a later row never lowers it."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class Outcomes:
    """What the chunks did so far, by entry."""

    rows: int = 0
    practitioners: dict[UUID, Outcome] = field(default_factory=dict)
    sites: dict[UUID, Outcome] = field(default_factory=dict)
    organisations: dict[UUID, Outcome] = field(default_factory=dict)
    links: int = 0
    memberships: int = 0
    errors: list[RowError] = field(default_factory=list)

    @staticmethod
    def tally(outcomes: dict[UUID, Outcome]) -> Tally:
        """Count the entries by outcome."""
        found = list(outcomes.values())
        return Tally(*(found.count(outcome) for outcome in Outcome))


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows to write, and the territory they are for."""

    rows: tuple[ParsedRow, ...]
    territory_id: UUID | None


@dataclass(slots=True)
class _Sort:
    """One sort of entries in one chunk: how to find them, what is kept, what has changed."""

    match: Callable[[Index, Values], Entry | None]
    keys: Callable[[Values], list[tuple[str, ...]]]
    outcomes: dict[UUID, Outcome]
    errors: list[RowError]
    index: Index = field(default_factory=Index)
    changed: dict[UUID, Entry] = field(default_factory=dict)

    def bring(self, row: int, values: Values, complete: Callable[[Values], Values]) -> UUID | None:
        """Decide what a row does to the directory; the entry's id, None when it is refused."""
        kept = self.match(self.index, values)
        if kept is None:
            entry, outcome = Entry(new_id(), complete(values)), Outcome.CREATED
        else:
            changes = matching.departures(kept.values, values)
            entry = replace(kept, values=kept.values | changes)
            outcome = Outcome.UPDATED if changes else Outcome.UNCHANGED
        if self._taken_by_another(row, entry):
            return None
        self.index.add(self.keys(entry.values), entry)
        if outcome is not Outcome.UNCHANGED:
            self.changed[entry.id] = entry
        if self.outcomes.get(entry.id, Outcome.UNCHANGED) is Outcome.UNCHANGED:
            self.outcomes[entry.id] = outcome
        return entry.id

    def _taken_by_another(self, row: int, entry: Entry) -> bool:
        for kind, *rest in self.keys(entry.values):
            other = self.index.find((kind, *rest))
            if kind != "place" and other is not None and other.id != entry.id:
                sentence = f"le numéro {kind.upper()} est déjà celui d’une autre fiche"
                self.errors.append(RowError(row, LABELS[kind], rest[0], RowRule.BELONGS_TO_ANOTHER, sentence))
                return True
        return False


def write_chunk(session: Session, chunk: Chunk, outcomes: Outcomes, *, now: datetime) -> None:
    """Write the rows of a chunk and count what they did; a refused row is an error in `outcomes`."""
    organisations = _bring_organisations(session, chunk, outcomes, now=now)
    sites = _bring_sites(session, chunk, organisations, outcomes, now=now)
    persons = _bring_persons(session, chunk, outcomes, now=now)
    refused = {error.row for error in outcomes.errors}
    pairs = {(persons[row], sites[row]) for row in persons.keys() & sites.keys() if row not in refused}
    outcomes.links += repository.link_sites(session, pairs)
    if chunk.territory_id is not None:
        joined = repository.join_territory(
            session, set(persons.values()), chunk.territory_id, since=local_day(now)
        )
        outcomes.memberships += len(joined)
    outcomes.rows += len(chunk.rows)


def _bring_organisations(
    session: Session, chunk: Chunk, outcomes: Outcomes, *, now: datetime
) -> dict[tuple[OrganisationKind, str], UUID]:
    said = [row.site.organisation for row in chunk.rows if row.site and row.site.organisation]
    if not said:
        return {}
    known = repository.organisations_named(session, {fold(named.name) for named in said})
    new: list[Entry] = []
    for named in said:
        key = (named.kind, fold(named.name))
        if key not in known:
            values = {"kind": named.kind, "name": named.name, "search_name": fold(named.name)}
            new.append(Entry(new_id(), values))
            known[key] = new[-1].id
            outcomes.organisations[new[-1].id] = Outcome.CREATED
        outcomes.organisations.setdefault(known[key], Outcome.UNCHANGED)
    repository.write_organisations(session, new, now=now)
    if chunk.territory_id is not None:
        meant = {known[(named.kind, fold(named.name))] for named in said}
        repository.link_territory(session, meant, chunk.territory_id)
    return known


def _bring_sites(
    session: Session,
    chunk: Chunk,
    organisations: dict[tuple[OrganisationKind, str], UUID],
    outcomes: Outcomes,
    *,
    now: datetime,
) -> dict[int, UUID]:
    said = {
        row.row: matching.site_values(row.site, _organisation_of(row.site, organisations))
        for row in chunk.rows
        if row.site is not None
    }
    if not said:
        return {}
    sort = _Sort(matching.match_site, matching.site_keys, outcomes.sites, outcomes.errors)
    for entry in repository.sites_meant(session, list(said.values())):
        sort.index.add(matching.site_keys(entry.values), entry)
    places = communes_by_insee(session, {values["insee"] for values in said.values()})
    brought = {row: sort.bring(row, values, lambda v: _placed(v, places)) for row, values in said.items()}
    repository.write_sites(session, list(sort.changed.values()), now=now)
    return {row: ident for row, ident in brought.items() if ident is not None}


def _bring_persons(session: Session, chunk: Chunk, outcomes: Outcomes, *, now: datetime) -> dict[int, UUID]:
    said = {row.row: matching.person_values(row.person) for row in chunk.rows if row.person is not None}
    if not said:
        return {}
    sort = _Sort(matching.match_person, matching.person_keys, outcomes.practitioners, outcomes.errors)
    for entry in repository.practitioners_bearing(session, list(said.values())):
        sort.index.add(matching.person_keys(entry.values), entry)
    brought = {row: sort.bring(row, values, dict) for row, values in said.items()}
    repository.write_practitioners(session, list(sort.changed.values()), now=now)
    return {row: ident for row, ident in brought.items() if ident is not None}


def _organisation_of(site: SiteRow, organisations: dict[tuple[OrganisationKind, str], UUID]) -> UUID | None:
    named = site.organisation
    return organisations[(named.kind, fold(named.name))] if named else None


def _placed(values: Values, communes: dict[str, CommuneView]) -> Values:
    """A new site without coordinates stands at the point of its commune."""
    if values["lat"] is not None:
        return values
    commune = communes[values["insee"]]
    return values | {"lat": commune.lat, "lon": commune.lon}
