"""Decisions of the directory: size class, values fit to be written, preferences, memberships. Pure.

Checks return what they were given, tidied; they raise `InvalidValue` naming the field, in French for users.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from datetime import date
from typing import Any, Final

from snp.directory.facts import (
    MembershipView,
    OrganisationDetails,
    PractitionerDetails,
    Preferences,
    SiteDetails,
    TerritoryDetails,
)
from snp.errors import InvalidValue, SnpError
from snp.terms import ADELI, FINESS, RPPS, SIRET, InseeCode, Phone

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_POSTAL_CODE: Final = re.compile(r"[0-9]{5}")
_DEPARTMENT: Final = re.compile(r"(0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97[1-8]|98[4-8])")
_CHANNELS: Final = frozenset({"sms", "email", "none"})
_SIZE_CLASS_LIMITS: Final = (40_000, 80_000, 175_000)


class MembershipOverlap(SnpError):
    """The practitioner already belongs to this territory on some of these days."""

    slug = "membership-overlap"
    fr = "Ce professionnel est déjà membre de ce territoire à ces dates."


def size_class(inhabitants: int) -> int:
    """Return the ACI size class (1 to 4) of a territory.

    Source: ACI CPTS, sizes under 40,000, 40–80,000, 80–175,000 and over 175,000 inhabitants.
    """
    return 1 + sum(inhabitants >= limit for limit in _SIZE_CLASS_LIMITS)


def check_territory(details: TerritoryDetails, *, strict: bool = False) -> TerritoryDetails:
    """Return a territory fit to be written; `strict` also checks the key of the FINESS."""
    if not _SLUG.fullmatch(details.slug):
        raise InvalidValue("slug", "minuscules, chiffres et tirets seulement")
    if not _DEPARTMENT.fullmatch(details.department):
        raise InvalidValue("department", "numéro de département inconnu")
    if not details.communes:
        raise InvalidValue("communes", "un territoire a au moins une commune")
    if details.size_class is not None and not 1 <= details.size_class <= 4:
        raise InvalidValue("size_class", "de 1 à 4")
    return replace(
        details,
        name=_text("name", details.name),
        communes=frozenset(str(InseeCode.parse(code)) for code in details.communes),
        finess=_finess(details.finess, strict=strict),
    )


def check_organisation(details: OrganisationDetails, *, strict: bool) -> OrganisationDetails:
    """Return an organisation fit to be written."""
    return replace(
        details,
        name=_text("name", details.name),
        finess=_finess(details.finess, strict=strict),
        siret=_siret(details.siret, strict=strict),
    )


def check_site(details: SiteDetails, *, strict: bool) -> SiteDetails:
    """Return a site fit to be written; its coordinates are both given or both left out."""
    if not _POSTAL_CODE.fullmatch(details.postal_code):
        raise InvalidValue("postal_code", "cinq chiffres")
    if (details.lat is None) != (details.lon is None):
        raise InvalidValue("lat", "latitude et longitude vont ensemble")
    if details.lat is not None and not -90 <= details.lat <= 90:
        raise InvalidValue("lat", "entre −90 et 90 degrés")
    if details.lon is not None and not -180 <= details.lon <= 180:
        raise InvalidValue("lon", "entre −180 et 180 degrés")
    return replace(
        details,
        name=_text("name", details.name),
        address=_text("address", details.address),
        insee=str(InseeCode.parse(details.insee)),
        phone=_phone(details.phone),
        finess=_finess(details.finess, strict=strict),
        siret=_siret(details.siret, strict=strict),
    )


def check_practitioner(details: PractitionerDetails, *, strict: bool) -> PractitionerDetails:
    """Return a practitioner fit to be written: named, and borne by an RPPS or ADELI number.

    Source: arrêté du 18 avril 2017 (RPPS replaces ADELI profession by profession, both are still met).
    """
    if not details.rpps and not details.adeli:
        raise InvalidValue("rpps", "un numéro RPPS ou ADELI est nécessaire")
    if details.email and not _EMAIL.fullmatch(details.email.strip()):
        raise InvalidValue("email", "adresse incomplète")
    return replace(
        details,
        rpps=str(RPPS.parse(details.rpps, strict=strict)) if details.rpps else None,
        adeli=str(ADELI.parse(details.adeli, strict=strict)) if details.adeli else None,
        title=(details.title or "").strip() or None,
        given_name=_text("given_name", details.given_name),
        family_name=_text("family_name", details.family_name),
        specialty_code=(details.specialty_code or "").strip() or None,
        phone=_phone(details.phone),
        email=(details.email or "").strip() or None,
        preferences=check_preferences(details.preferences),
    )


def check_preferences(preferences: Preferences) -> Preferences:
    """Return preferences fit to be written."""
    if preferences.channel not in _CHANNELS:
        raise InvalidValue("channel", "sms, email ou none")
    for name, low, high in (
        ("max_messages_a_week", 0, 21),
        ("quiet_from", 0, 23),
        ("quiet_until", 0, 23),
        ("buffer_minutes", 0, 120),
        ("default_slot_minutes", 5, 240),
        ("max_slots_a_week", 0, 200),
    ):
        value = getattr(preferences, name)
        if value is not None and not low <= value <= high:
            raise InvalidValue(name, f"entre {low} et {high}")
    return preferences


def preferences_to_json(preferences: Preferences) -> dict[str, Any]:
    """Return preferences as they are stored: only what departs from the default."""
    plain = asdict(Preferences())
    return {name: value for name, value in asdict(preferences).items() if value != plain[name]}


def preferences_from_json(stored: Mapping[str, Any]) -> Preferences:
    """Return stored preferences; a name that is no longer known is left out."""
    known = {field.name for field in fields(Preferences)}
    return Preferences(**{name: value for name, value in stored.items() if name in known})


def check_membership_starts(mine: Iterable[MembershipView], since: date) -> None:
    """Refuse a membership of a territory that would overlap another one there."""
    if any(m.until is None or m.until > since for m in mine):
        raise MembershipOverlap


def _text(field: str, value: str) -> str:
    tidy = " ".join(value.split())
    if not tidy:
        raise InvalidValue(field, "à remplir")
    return tidy


def _phone(value: str | None) -> str | None:
    return str(Phone.parse(value)) if value else None


def _finess(value: str | None, *, strict: bool) -> str | None:
    return str(FINESS.parse(value, strict=strict)) if value else None


def _siret(value: str | None, *, strict: bool) -> str | None:
    return str(SIRET.parse(value, strict=strict)) if value else None
