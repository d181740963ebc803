"""A sample file to start from, which the import itself accepts. Pure."""

from __future__ import annotations

import csv
import io
from typing import Final

from snp.directory.importing.columns import LABELS
from snp.directory.importing.facts import ImportKind

_SITE: Final = (
    ("site_name", "Cabinet du Môle"),
    ("address", "3 quai des Exemples"),
    ("postal_code", "44210"),
    ("city", "Pornic"),
    ("insee", "44131"),
    ("lat", "47.1158"),
    ("lon", "-2.1033"),
    ("site_phone", "02 61 91 00 10"),
    ("finess", ""),
    ("siret", ""),
    ("organisation", "Maison de santé du Môle"),
    ("organisation_kind", "MSP"),
)
_PERSON: Final = (
    ("rpps", "10999999997"),
    ("adeli", ""),
    ("title", "Dr"),
    ("family_name", "Exemple"),
    ("given_name", "Camille"),
    ("profession", "Médecin généraliste"),
    ("specialty_code", "SM54"),
    ("phone", "06 39 98 00 10"),
    ("email", "camille.exemple@example.org"),
)


def template(kind: ImportKind) -> str:
    """Return a CSV text with every column that an import of this kind understands, and one invented row."""
    cells = (*_PERSON, *_SITE) if kind is ImportKind.PRACTITIONERS else _SITE
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow([LABELS[name] for name, _ in cells])
    writer.writerow([value for _, value in cells])
    return text.getvalue()
