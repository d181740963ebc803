"""What earlier rows of the same file said: a row twice, or two rows that contradict each other. Pure.

Keeps a hash of each value rather than the value, so that a long file stays small in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from snp.directory.importing.columns import LABELS
from snp.directory.importing.facts import ParsedRow, PersonRow, RowError, RowRule, SiteRow
from snp.directory.words import fold

Key = tuple[str, ...]


def person_key(person: PersonRow) -> Key:
    """Return what names a practitioner: his RPPS, else his ADELI."""
    return ("rpps", person.rpps) if person.rpps else ("adeli", person.adeli or "")


def site_key(site: SiteRow) -> Key:
    """Return what names a site: its FINESS, else its SIRET, else its name, address and commune."""
    if site.finess:
        return ("finess", site.finess)
    if site.siret:
        return ("siret", site.siret)
    return place_key(site.name, site.address, site.insee)


def place_key(name: str, address: str, insee: str) -> Key:
    """Return what names a site that bears no national identifier."""
    return ("place", fold(name), fold(address), insee)


@dataclass(slots=True)
class Seen:
    """The rows read so far, by what they name."""

    rows: dict[Key, int] = field(default_factory=dict)
    said: dict[Key, tuple[int, ...]] = field(default_factory=dict)

    def faults(self, parsed: ParsedRow) -> tuple[RowError, ...]:
        """Return what contradicts or repeats an earlier row, and remember this one when nothing does."""
        keys: list[tuple[Key, PersonRow | SiteRow]] = []
        if parsed.person is not None:
            keys.append((person_key(parsed.person), parsed.person))
        if parsed.site is not None:
            keys.append((site_key(parsed.site), parsed.site))
        whole = tuple(part for key, _ in keys for part in key)
        if whole in self.rows:
            sentence = f"déjà dit à la ligne {self.rows[whole]}"
            return (RowError(parsed.row, "ligne", "", RowRule.DUPLICATE_ROW, sentence),)
        errors = tuple(error for key, said in keys for error in self._contradictions(parsed.row, key, said))
        if not errors:
            self.rows[whole] = parsed.row
            for key, said in keys:
                self.said.setdefault(key, (parsed.row, *_hashes(said)))
        return errors

    def _contradictions(self, row: int, key: Key, said: PersonRow | SiteRow) -> Iterator[RowError]:
        if key not in self.said:
            return
        earlier_row, *earlier = self.said[key]
        for name, before, after in zip(_names(said), earlier, _hashes(said), strict=True):
            if before and after and before != after:
                yield RowError(
                    row,
                    _label(said, name),
                    _shown(getattr(said, name)),
                    RowRule.CONTRADICTS_ROW,
                    f"contredit la ligne {earlier_row}",
                )


def _names(said: PersonRow | SiteRow) -> tuple[str, ...]:
    return tuple(f.name for f in fields(said))


def _hashes(said: PersonRow | SiteRow) -> tuple[int, ...]:
    """A hash per value; 0 where the row says nothing."""
    values = (getattr(said, name) for name in _names(said))
    return tuple(0 if value is None else hash(value) or 1 for value in values)


def _label(said: PersonRow | SiteRow, name: str) -> str:
    if isinstance(said, SiteRow):
        name = {"name": "site_name", "phone": "site_phone"}.get(name, name)
    return LABELS[name]


def _shown(value: object) -> str:
    return str(getattr(value, "name", value))[:40]
