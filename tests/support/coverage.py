"""A territory with weeks of need behind it; who acts through the link of an ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from regulation.coverage.facts import AskView
from snp.days import at_local, local_day
from snp.directory import service as directory
from snp.directory.facts import TerritoryDetails, TerritoryView
from snp.platform.actors import Actor, Role
from tests.support.directory import ADMINISTRATOR
from tests.support.regulation import Cpts, a_patient


def need_behind(cpts: Cpts, now: datetime, *, days: int = 21, every: int = 1) -> None:
    """Let two needs be decided on each working day of the last weeks; nobody could serve them."""
    for back in range(days, 0, -every):
        day = local_day(now) - timedelta(days=back)
        if day.weekday() <= 4:
            for clock in (time(9), time(15)):
                cpts.seeking(a_patient(), now=at_local(day, clock))


def set_coverage(session: Session, territory: TerritoryView, now: datetime, **changes: Any) -> TerritoryView:
    """The territory with other settings of coverage."""
    one = directory.get_territory(session, territory.id)
    details = TerritoryDetails(
        slug=one.slug,
        name=one.name,
        department=one.department,
        communes=frozenset(one.communes),
        settings=replace(one.settings, coverage=replace(one.settings.coverage, **changes)),
    )
    return directory.update_territory(
        session, one.id, details, version=one.version, by=ADMINISTRATOR, now=now
    )


def by_link(session: Session, ask: AskView, now: datetime) -> Actor:
    """Who acts through the link of an ask."""
    person = directory.get_practitioner(session, ask.practitioner_id, now=now)
    mine = frozenset(person.territory_ids)
    return Actor(f"link:{ask.id}", Role.PRACTITIONER, territories=mine, practitioner=person.id)
