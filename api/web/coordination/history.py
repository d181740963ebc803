"""How the settings of a territory changed: each edit as the lines that differ, in French. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from snp.days import say_instant
from snp.directory.facts import TerritoryRevisionView

_LABELS: Final = {
    "name": "Nom",
    "slug": "Nom court",
    "finess": "FINESS",
    "department": "Département",
    "size_class": "Taille (ACI)",
    "communes": "Communes",
    "settings.regulation_number": "Numéro de la régulation",
    "settings.default_max_km": "Rayon de recherche (km)",
    "settings.default_delay_hours": "Délai (h)",
    "settings.hold_minutes": "Créneau retenu (min)",
    "settings.pool_minutes": "Affectation groupée (min)",
    "settings.max_proposals": "Créneaux proposés",
    "settings.overflow_p1_minutes": "Créneaux des voisins, P1 (min)",
    "settings.overflow_p2_minutes": "Créneaux des voisins, P2 (min)",
    "settings.overflow_p3_minutes": "Créneaux des voisins, P3 (min)",
    "settings.overflow_before_deadline_minutes": "Créneaux des voisins, avant l’échéance (min)",
    "settings.alert_emails": "Adresses d’alerte",
    "settings.protection_emails": "Adresses du délégué à la protection des données",
    "settings.direct_access_from": "Accès direct aux kinésithérapeutes, du",
    "settings.direct_access_until": "Accès direct aux kinésithérapeutes, au",
    "settings.holidays": "Jours fériés",
    "settings.time_zone": "Fuseau horaire",
    "settings.snp_hours.weekdays": "Semaine",
    "settings.snp_hours.saturday": "Samedi",
    "settings.snp_hours.sunday": "Dimanche",
    "settings.snp_hours.open_on_holidays": "Ouvert les jours fériés",
    "settings.snp_hours.closed_on": "Fermetures",
    "settings.pdsa_hours.saturday_from_noon": "PDSA le samedi midi",
    "settings.pdsa_hours.monday_before_holiday": "PDSA le lundi, veille de férié",
    "settings.pdsa_hours.friday_after_holiday": "PDSA le vendredi, lendemain de férié",
    "settings.pdsa_hours.saturday_after_holiday": "PDSA le samedi, lendemain de férié",
    "settings.coverage.automatic": "Appels aux créneaux automatiques",
    "settings.coverage.messages_a_week": "Messages d’appel par praticien et semaine",
    "settings.coverage.shortage_percent": "Seuil de pénurie (%)",
    "settings.coverage.days_ahead": "Jours regardés pour appeler",
    "settings.coverage.school_holidays": "Vacances scolaires",
    "settings.coverage.school_percent": "Besoin pendant les vacances scolaires (%)",
    "settings.coverage.seaside": "Saison balnéaire",
    "settings.coverage.seaside_percent": "Besoin pendant la saison balnéaire (%)",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that changed, before and after; for a list, what left and what came."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: when, by whom, what changed; nothing for the creation."""

    when: str
    who: str
    changes: tuple[Change, ...]
    is_first: bool


def edits(revisions: Sequence[TerritoryRevisionView], names: Mapping[str, str]) -> list[Edit]:
    """Return the edits, newest first, as `revisions` come; `names`: who stands behind an author."""
    told = [
        _edit(newer.at, newer.author, names, tuple(changes(older.content, newer.content)))
        for newer, older in pairwise(revisions)
    ]
    if revisions:
        first = revisions[-1]
        told.append(_edit(first.at, first.author, names, (), is_first=True))
    return told


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Yield what differs between two states of a territory, in the order of the page."""
    old, new = dict(_flat(before)), dict(_flat(after))
    for path in dict.fromkeys([*_LABELS, *sorted(old | new)]):
        one, other = old.get(path), new.get(path)
        if one == other:
            continue
        if path in _SETS:
            gone = sorted(set(one or ()) - set(other or ()))
            come = sorted(set(other or ()) - set(one or ()))
            yield Change(_LABELS[path], _said(gone), _said(come))
        else:
            yield Change(_LABELS.get(path, path), _said(one), _said(other))


_SETS: Final = frozenset(
    {"communes", "settings.snp_hours.closed_on", "settings.alert_emails", "settings.protection_emails"}
)


def author_name(author: str, names: Mapping[str, str]) -> str:
    """Return who wrote an edit, in words."""
    return names.get(author) or _AUTHORS.get(author.partition(":")[0], "un administrateur")


def _edit(
    at: datetime, author: str, names: Mapping[str, str], told: tuple[Change, ...], *, is_first: bool = False
) -> Edit:
    return Edit(say_instant(at, year=True), author_name(author, names), told, is_first)


_AUTHORS: Final = {"system": "le service", "key": "un logiciel, par sa clé"}
"""Who else writes; an account that the reader does not administer is an administrator's."""


def _flat(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _flat(value, f"{path}.")
        else:
            yield path, value


def _said(value: Any) -> str:
    words: str
    match value:
        case None | "" | []:
            words = "—"
        case bool():
            words = "oui" if value else "non"
        case [str(opens), str(closes)] if ":" in opens:
            words = f"{opens} à {closes}"
        case list():
            words = ", ".join(str(one) for one in value)
        case float():
            words = f"{value:g}".replace(".", ",")
        case _:
            words = str(value)
    return words
