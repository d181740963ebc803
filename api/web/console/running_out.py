"""What the regulation is told before nothing is left: the next half-days at risk, as last computed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.security.rights import RIGHTS, Action
from api.web import wording
from api.web.coordination.coverage_views import percent, slots
from regulation.coverage import service as coverage
from regulation.coverage.wording import half_name
from snp.directory import service as directory
from snp.platform.actors import Actor

MOST_TERRITORIES = 50


@dataclass(frozen=True, slots=True)
class Nearing:
    """One half-day at risk, in words."""

    when: str
    profession: str
    territory: str
    risk: str
    free: str
    called: str


def running_out(session: Session, actor: Actor, *, now: datetime) -> list[Nearing]:
    """Return the next half-days at risk in the reader's territories; nothing for who may not see them."""
    if actor.role not in RIGHTS[Action.COVERAGE_READ]:
        return []
    ids = actor.territories or None
    territories = directory.list_territories(session, ids=ids, limit=MOST_TERRITORIES).items
    names = {one.id: one.name for one in territories}
    labels = {one.code: one.short_label for one in directory.list_professions(session, active=None)}
    several = len(names) > 1
    return [
        Nearing(
            when=wording.capital(half_name(line.half)),
            profession=labels.get(sheet.profession, sheet.profession).lower(),
            territory=names[sheet.territory_id] if several else "",
            risk=percent(line.risk),
            free=f"{slots(line.free)} libre{'s' if line.free > 1 else ''}",
            called=f"{slots(line.called)} demandé{'s' if line.called > 1 else ''}" if line.called else "",
        )
        for sheet, line in coverage.soonest(session, names, now=now)
    ]
