"""Which steps there are, and which are done. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from sqlmodel import Session

from api.security import service as security
from snp.directory import service as directory
from snp.directory.facts import TerritoryView
from snp.platform.actors import REGULATION_ROLES, Actor


@dataclass(frozen=True, slots=True)
class Step:
    """One step: where it is, what it is called, whether it is done, and what it holds so far."""

    code: str
    label: str
    address: str
    done: bool
    told: str = ""


def steps_of(session: Session, territory: TerritoryView | None, by: Actor) -> list[Step]:
    """Return the steps of a territory; of none yet, the first one is the only one that can be taken."""
    if territory is None:
        labels = ("Territoire", "Communes", "Horaires", "Professionnels", "Comptes et clés")
        return [Step(label.lower(), label, "", done=False) for label in labels]
    query = f"?territoire={territory.id}"
    members = {
        one.practitioner_id
        for one in directory.list_memberships(session, territory_ids=[territory.id])
        if one.until is None
    }
    accounts = [one for one in security.list_accounts(session, by=by) if territory.id in one.territory_ids]
    able = {one.role for one in accounts if one.active}
    history = [line.content for line in directory.territory_history(session, territory.id)]
    confirmed = any(newer["communes"] == older["communes"] for newer, older in pairwise(history))
    people = f"{territory.population:,} habitants".replace(",", "\u202f")
    return [
        Step("territoire", "Territoire", f"/premiers-pas{query}", done=True, told=territory.name),
        Step(
            "communes",
            "Communes",
            f"/premiers-pas/communes{query}",
            done=len(territory.communes) > 1,
            told=f"{_some(len(territory.communes), 'commune')}, {people}",
        ),
        Step(
            "horaires",
            "Horaires",
            f"/premiers-pas/horaires{query}",
            done=confirmed,
            told=_hours(territory),
        ),
        Step(
            "professionnels",
            "Professionnels",
            f"/premiers-pas/professionnels{query}",
            done=bool(members),
            told=_some(len(members), "membre"),
        ),
        Step(
            "comptes",
            "Comptes et clés",
            f"/coordination/comptoirs{query}",
            done=bool(able & REGULATION_ROLES),
            told=_some(len(accounts), "compte"),
        ),
    ]


def _hours(territory: TerritoryView) -> str:
    hours = territory.settings.snp_hours
    weekdays = f"{hours.weekdays.opens:%H:%M}–{hours.weekdays.closes:%H:%M}"
    if hours.saturday is None:
        return f"du lundi au vendredi, {weekdays}"
    return f"en semaine {weekdays}, le samedi {hours.saturday.opens:%H:%M}–{hours.saturday.closes:%H:%M}"


def _some(count: int, noun: str) -> str:
    if not count:
        return f"aucun{'e' if noun == 'commune' else ''} {noun}"
    return f"{count} {noun}{'s' if count > 1 else ''}"
