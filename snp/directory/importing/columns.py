"""The columns an import understands, under the names that files give them, in French or English. Pure.

Headers are compared folded: « N° RPPS », `numero_rpps` and « Numéro RPPS » are words, not spellings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from snp.directory.importing.facts import ImportKind
from snp.directory.words import fold
from snp.errors import SnpError


class BadFile(SnpError):
    """The file as a whole cannot be read: one line says why."""

    slug = "bad-file"
    fr = "Fichier illisible : {reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, reason=reason)


_SITE: Final[dict[str, tuple[str, ...]]] = {
    "site_name": ("lieu", "nom du lieu", "site", "nom du site", "site name", "cabinet"),
    "address": ("adresse", "adresse du lieu", "address"),
    "postal_code": ("code postal", "cp", "postal code", "zip"),
    "city": ("commune", "ville", "libelle commune", "city", "town"),
    "insee": ("insee", "code insee", "code commune", "insee code"),
    "lat": ("latitude", "lat"),
    "lon": ("longitude", "lon", "lng"),
    "site_phone": ("telephone du lieu", "telephone lieu", "site phone"),
    "finess": ("finess", "numero finess", "n finess", "finess du lieu", "numero finess site"),
    "siret": ("siret", "numero siret", "n siret", "siret du lieu", "numero siret site"),
    "organisation": ("structure", "organisation", "organization", "nom de la structure"),
    "organisation_kind": ("type de structure", "type structure", "organisation kind", "organization kind"),
}
_PERSON: Final[dict[str, tuple[str, ...]]] = {
    "rpps": ("rpps", "numero rpps", "n rpps", "rpps number", "identifiant rpps"),
    "adeli": ("adeli", "numero adeli", "n adeli", "adeli number"),
    "title": ("titre", "civilite", "civilite d exercice", "title"),
    "family_name": ("nom", "nom de famille", "nom d exercice", "family name", "last name"),
    "given_name": ("prenom", "prenom d exercice", "given name", "first name"),
    "profession": ("profession", "libelle profession", "code profession"),
    "specialty_code": ("specialite", "code specialite", "code savoir faire", "specialty", "specialty code"),
    "phone": ("telephone", "tel", "phone"),
    "email": ("courriel", "email", "e mail", "mail", "adresse e mail"),
}
_SITE_ALONE: Final[dict[str, tuple[str, ...]]] = {
    "site_name": ("nom", "name"),
    "site_phone": ("telephone", "tel", "phone"),
}
_REQUIRED: Final = {
    ImportKind.PRACTITIONERS: ("family_name", "given_name", "profession"),
    ImportKind.SITES: ("site_name", "address"),
}
LABELS: Final = {name: spellings[0] for name, spellings in (_SITE | _PERSON).items()}
"""How each column is called in messages and in the sample."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column of a file holds what. `columns`: one name, or None for a column left aside, per cell."""

    kind: ImportKind
    columns: tuple[str | None, ...]
    ignored: tuple[str, ...]

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """Return the tidy cells of a row under our names."""
        named = zip(self.columns, row, strict=True)
        return {name: " ".join(cell.split()) for name, cell in named if name is not None}


def read_header(header: Sequence[str], kind: ImportKind | None = None) -> Layout:
    """Return what each column holds; `kind` None: practitioners when a column names a person, else sites.

    Raises `BadFile` when a needed column is missing or one is there twice.
    """
    folded = [fold(cell) for cell in header]
    chosen = kind or _kind_of(folded)
    names = _names(chosen)
    columns = tuple(names.get(word) for word in folded)
    known = [name for name in columns if name is not None]
    for name in known:
        if known.count(name) > 1:
            raise BadFile(f"deux colonnes « {LABELS[name]} »")
    missing = [LABELS[name] for name in _REQUIRED[chosen] if name not in known]
    if chosen is ImportKind.PRACTITIONERS and not {"rpps", "adeli"} & set(known):
        missing.append("rpps (ou adeli)")
    if missing:
        found = ", ".join(cell.strip() for cell in header[:12] if cell.strip()) or "aucune"
        raise BadFile(f"colonnes manquantes : {', '.join(missing)} (lues : {found})")
    ignored = tuple(
        cell.strip() for cell, name in zip(header, columns, strict=True) if name is None and cell.strip()
    )
    return Layout(kind=chosen, columns=columns, ignored=ignored)


def _kind_of(folded: Sequence[str]) -> ImportKind:
    persons = {spelling for name in ("rpps", "adeli", "given_name") for spelling in _PERSON[name]}
    return ImportKind.PRACTITIONERS if persons & set(folded) else ImportKind.SITES


def _names(kind: ImportKind) -> dict[str, str]:
    groups = _SITE | _PERSON if kind is ImportKind.PRACTITIONERS else _SITE
    names = {spelling: name for name, spellings in groups.items() for spelling in spellings}
    names |= {fold(name): name for name in groups}
    if kind is ImportKind.SITES:
        names |= {spelling: name for name, spellings in _SITE_ALONE.items() for spelling in spellings}
    return names
