"""From the cells of a row to facts that may be written, or to everything that is wrong with it. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from snp.directory.facts import CommuneView, OrganisationKind, ProfessionView
from snp.directory.importing.columns import LABELS, Layout
from snp.directory.importing.facts import (
    ImportKind,
    Lexicon,
    OrganisationRow,
    ParsedRow,
    PersonRow,
    RowError,
    RowRule,
    SiteRow,
)
from snp.directory.words import fold
from snp.errors import InvalidValue
from snp.terms import ADELI, FINESS, RPPS, SIRET, Phone

T = TypeVar("T")

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_POSTAL_CODE: Final = re.compile(r"[0-9]{5}")
_SHOWN: Final = 40
_KIND_WORDS: Final = {
    OrganisationKind.MSP: ("msp", "maison de sante", "maison de sante pluriprofessionnelle"),
    OrganisationKind.CABINET: ("cabinet", "cabinet liberal", "cabinet medical"),
    OrganisationKind.CENTRE_SNP: ("centre snp", "centre de snp", "centre de soins non programmes"),
    OrganisationKind.CENTRE_SANTE: ("centre sante", "centre de sante"),
    OrganisationKind.PHARMACY: ("pharmacie", "officine", "pharmacy"),
    OrganisationKind.NURSE_PRACTICE: ("cabinet infirmier", "nurse practice"),
    OrganisationKind.SOS_MEDECINS: ("sos medecins",),
}
_KINDS: Final = {word: kind for kind, words in _KIND_WORDS.items() for word in words}


def lexicon(communes: Iterable[CommuneView], professions: Iterable[ProfessionView]) -> Lexicon:
    """Return what names may mean, from what the directory holds.

    A MOS code shared by two professions means the one without a specialty of its own, or else the first.
    """
    every = list(communes)
    by_postal_code: dict[str, list[CommuneView]] = {}
    by_name: dict[str, list[CommuneView]] = {}
    for commune in every:
        by_name.setdefault(fold(commune.name), []).append(commune)
        for code in commune.postal_codes:
            by_postal_code.setdefault(code, []).append(commune)
    known = sorted(professions, key=lambda p: (p.specialty_code is not None, p.label))
    words: dict[str, str] = {}
    for profession in known:
        words.setdefault(profession.mos_code, profession.code)
        for spelling in (profession.code, profession.label, profession.short_label):
            words.setdefault(fold(spelling), profession.code)
    return Lexicon(
        communes={commune.insee: commune for commune in every},
        by_postal_code={code: tuple(found) for code, found in by_postal_code.items()},
        by_name={name: tuple(found) for name, found in by_name.items()},
        professions=words,
        profession_labels=tuple(sorted(profession.label for profession in known)),
    )


@dataclass(slots=True)
class _Reader:
    """The cells of one row, and the faults met while reading them."""

    row: int
    cells: Mapping[str, str]
    errors: list[RowError] = field(default_factory=list)

    def fault(self, column: str, rule: RowRule, sentence: str) -> None:
        value = self.cells.get(column, "")[:_SHOWN]
        self.errors.append(RowError(self.row, LABELS[column], value, rule, sentence))

    def text(self, column: str) -> str | None:
        return self.cells.get(column) or None

    def required(self, column: str) -> str:
        value = self.cells.get(column, "")
        if not value:
            self.fault(column, RowRule.REQUIRED, "à remplir")
        return value

    def form(self, column: str, parse: Callable[[str], T]) -> T | None:
        value = self.text(column)
        if value is None:
            return None
        try:
            return parse(value)
        except InvalidValue as refusal:
            self.fault(column, RowRule.FORM, str(refusal.fields["reason"]))
            return None


def parse_row(
    layout: Layout, row: int, cells: Sequence[str], *, words: Lexicon, strict: bool
) -> ParsedRow | tuple[RowError, ...]:
    """Return what a row says, or every fault it has. `strict` also checks the key of identifiers."""
    if len(cells) != len(layout.columns):
        sentence = f"{len(cells)} cellules pour {len(layout.columns)} colonnes"
        return (RowError(row, "ligne", "", RowRule.CELL_COUNT, sentence),)
    reader = _Reader(row, layout.cells(cells))
    person = None
    if layout.kind is ImportKind.PRACTITIONERS:
        person = _person(reader, words, strict=strict)
    site = _site(reader, words, strict=strict) if _names_a_site(layout, reader) else None
    return tuple(reader.errors) if reader.errors else ParsedRow(row, person, site)


def _names_a_site(layout: Layout, reader: _Reader) -> bool:
    if layout.kind is ImportKind.SITES:
        return True
    return any(reader.text(column) for column in ("site_name", "address", "finess", "siret"))


def _person(reader: _Reader, words: Lexicon, *, strict: bool) -> PersonRow:
    rpps = reader.form("rpps", lambda text: str(RPPS.parse(text, strict=strict)))
    adeli = reader.form("adeli", lambda text: str(ADELI.parse(text, strict=strict)))
    if not reader.text("rpps") and not reader.text("adeli"):
        column = "rpps" if "rpps" in reader.cells else "adeli"
        reader.fault(column, RowRule.REQUIRED, "un numéro RPPS ou ADELI est nécessaire")
    return PersonRow(
        family_name=reader.required("family_name"),
        given_name=reader.required("given_name"),
        profession=_profession(reader, words),
        rpps=rpps,
        adeli=adeli,
        title=reader.text("title"),
        specialty_code=reader.text("specialty_code"),
        phone=reader.form("phone", lambda text: str(Phone.parse(text))),
        email=reader.form("email", _email),
    )


def _profession(reader: _Reader, words: Lexicon) -> str:
    value = reader.required("profession")
    code = words.professions.get(fold(value), "")
    if value and not code:
        reader.fault(
            "profession",
            RowRule.UNKNOWN_PROFESSION,
            f"profession inconnue (connues : {', '.join(words.profession_labels)})",
        )
    return code


def _site(reader: _Reader, words: Lexicon, *, strict: bool) -> SiteRow:
    postal_code = reader.form("postal_code", _postal_code)
    commune = _commune(reader, words, postal_code)
    lat = reader.form("lat", lambda text: _degrees(text, "lat", limit=90))
    lon = reader.form("lon", lambda text: _degrees(text, "lon", limit=180))
    if bool(reader.text("lat")) != bool(reader.text("lon")):
        missing = "lon" if reader.text("lat") else "lat"
        reader.fault(missing, RowRule.REQUIRED, "latitude et longitude vont ensemble")
    if commune is not None and not reader.text("postal_code"):
        postal_code = commune.postal_codes[0]
    return SiteRow(
        name=reader.required("site_name"),
        address=reader.required("address"),
        postal_code=postal_code or "",
        insee=commune.insee if commune else "",
        lat=lat,
        lon=lon,
        phone=reader.form("site_phone", lambda text: str(Phone.parse(text))),
        finess=reader.form("finess", lambda text: str(FINESS.parse(text, strict=strict))),
        siret=reader.form("siret", lambda text: str(SIRET.parse(text, strict=strict))),
        organisation=_organisation(reader),
    )


def _commune(reader: _Reader, words: Lexicon, postal_code: str | None) -> CommuneView | None:
    """The commune named by its INSEE code, else by its postal code and name, either of which may suffice."""
    insee, city = reader.text("insee"), reader.text("city")
    if insee:
        if insee.upper() in words.communes:
            return words.communes[insee.upper()]
        reader.fault("insee", RowRule.UNKNOWN_COMMUNE, "code commune inconnu de l’annuaire")
        return None
    column = "city" if city else "postal_code"
    if not postal_code and not city:
        if not reader.text("postal_code"):
            reader.fault(column, RowRule.REQUIRED, "code INSEE, ou code postal et commune")
        return None
    found = _communes_named(words, postal_code, city)
    match found:
        case (commune,):
            return commune
        case ():
            reader.fault(column, RowRule.UNKNOWN_COMMUNE, "commune inconnue de l’annuaire")
        case _:
            names = ", ".join(sorted(commune.name for commune in found))
            reader.fault(column, RowRule.AMBIGUOUS_COMMUNE, f"plusieurs communes possibles : {names}")
    return None


def _communes_named(words: Lexicon, postal_code: str | None, city: str | None) -> tuple[CommuneView, ...]:
    """A name decides alone when the postal code is not one of its commune's (CEDEX, neighbouring office)."""
    by_code = words.by_postal_code.get(postal_code or "", ())
    if not city:
        return by_code
    by_name = words.by_name.get(fold(city), ())
    both = tuple(commune for commune in by_name if commune in by_code)
    return both or by_name


def _organisation(reader: _Reader) -> OrganisationRow | None:
    name, kind = reader.text("organisation"), reader.text("organisation_kind")
    if name is None:
        return None
    if kind is None:
        return OrganisationRow(OrganisationKind.CABINET, name)
    found = _KINDS.get(fold(kind))
    if found is None:
        known = ", ".join(words[0] for words in _KIND_WORDS.values())
        reader.fault(
            "organisation_kind", RowRule.UNKNOWN_KIND, f"type de structure inconnu (connus : {known})"
        )
        return None
    return OrganisationRow(found, name)


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise InvalidValue("email", "adresse incomplète")
    return text


def _postal_code(text: str) -> str:
    digits = text.replace(" ", "").zfill(5) if text.isdecimal() else text
    if not _POSTAL_CODE.fullmatch(digits):
        raise InvalidValue("postal_code", "cinq chiffres")
    return digits


def _degrees(text: str, column: str, *, limit: int) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not -limit <= value <= limit:
        raise InvalidValue(column, f"en degrés, entre −{limit} et {limit}")
    return value
