"""What an import changes: the entry a row means, and what of it departs from what is kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from snp.directory.importing.facts import PersonRow, SiteRow
from snp.directory.importing.seen import Key, place_key
from snp.directory.words import fold

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A directory entry as kept: its id and the values a row may change."""

    id: UUID
    values: Values


@dataclass(slots=True)
class Index:
    """Entries as they now stand, found by what names them; several names may lead to one entry."""

    ids: dict[Key, UUID] = field(default_factory=dict)
    entries: dict[UUID, Entry] = field(default_factory=dict)

    def add(self, keys: list[Key], entry: Entry) -> None:
        """Remember an entry; a name that already leads to another one keeps leading there."""
        self.entries[entry.id] = entry
        for key in keys:
            self.ids.setdefault(key, entry.id)

    def find(self, key: Key) -> Entry | None:
        """Return the entry of a name."""
        ident = self.ids.get(key)
        return None if ident is None else self.entries[ident]


def person_keys(values: Values) -> list[Key]:
    """Return every name of a practitioner."""
    return [(kind, values[kind]) for kind in ("rpps", "adeli") if values.get(kind)]


def site_keys(values: Values) -> list[Key]:
    """Return every name of a site, the surest first."""
    national: list[Key] = [(kind, values[kind]) for kind in ("finess", "siret") if values.get(kind)]
    return [*national, place_key(values["name"], values["address"], values["insee"])]


def match_person(index: Index, values: Values) -> Entry | None:
    """Return the practitioner who bears one of these numbers."""
    found = (index.find(key) for key in person_keys(values))
    return next((entry for entry in found if entry is not None), None)


def match_site(index: Index, values: Values) -> Entry | None:
    """Return the site of these identifiers, else the one at this place that bears no other identifier."""
    for key in site_keys(values):
        found = index.find(key)
        if found is not None and _may_be(found.values, values):
            return found
    return None


def _may_be(kept: Values, said: Values) -> bool:
    pairs = [(kept.get(kind), said.get(kind)) for kind in ("finess", "siret")]
    if any(a and a == b for a, b in pairs):
        return True
    return not any(a and b and a != b for a, b in pairs)


def departures(kept: Values, said: Values) -> Values:
    """Return the values a row gives that are not those kept; an empty cell changes nothing."""
    return {name: value for name, value in said.items() if value is not None and kept.get(name) != value}


def person_values(person: PersonRow) -> Values:
    """Return a practitioner's row as columns of the directory."""
    return {
        "rpps": person.rpps,
        "adeli": person.adeli,
        "title": person.title,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "search_name": fold(f"{person.family_name} {person.given_name}"),
        "profession": person.profession,
        "specialty_code": person.specialty_code,
        "phone": person.phone,
        "email": person.email,
    }


def site_values(site: SiteRow, organisation_id: UUID | None) -> Values:
    """Return a site's row as columns of the directory."""
    return {
        "organisation_id": organisation_id,
        "name": site.name,
        "search_name": fold(site.name),
        "address": site.address,
        "postal_code": site.postal_code,
        "insee": site.insee,
        "lat": site.lat,
        "lon": site.lon,
        "phone": site.phone,
        "finess": site.finess,
        "siret": site.siret,
    }
