"""The reference data shipped with the package: professions and the communes of the two first territories.

Loading twice changes nothing; see `data/LICENCE.md` for origin and licence.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources
from typing import Final

from sqlmodel import Session

from snp.directory.repository import communes as repository
from snp.directory.words import fold

_COMMUNES: Final = "communes_cpts.csv"
_PROFESSIONS: Final = "professions.csv"


def load_reference(session: Session) -> None:
    """Bring the shipped communes and professions into the directory.

    Communes are corrected when they differ from the shipped ones; professions that exist are left as they
    are, since their slot length and label may have been edited.
    """
    repository.write_communes(
        session,
        [
            {
                "insee": row["insee"],
                "name": row["name"],
                "search_name": fold(row["name"]),
                "postal_codes": row["postal_codes"].split("|"),
                "department": row["department"],
                "population": int(row["population"]),
                "lat": float(row["lat"]),
                "lon": float(row["lon"]),
            }
            for row in _rows(_COMMUNES)
        ],
    )
    repository.write_professions(
        session,
        [
            {
                "code": row["code"],
                "mos_code": row["mos_code"],
                "specialty_code": row["specialty_code"] or None,
                "label": row["label"],
                "short_label": row["short_label"],
                "slot_minutes": int(row["slot_minutes"]),
                "active": True,
            }
            for row in _rows(_PROFESSIONS)
        ],
    )


def likely_perimeter(territory: str) -> frozenset[str]:
    """Return the INSEE codes counted in `pays-de-retz` or `terres-de-montaigu`; empty for any other name."""
    return frozenset(row["insee"] for row in _rows(_COMMUNES) if row["perimeter"] == territory)


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("snp.directory").joinpath("data", name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
