"""What a delegate sees in the demonstration: a dossier opened from next door, a patient who asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from api.demo.accounts import NEIGHBOUR
from api.demo.cast import MONTAIGU, RETZ
from api.demo.facts import Stage
from api.persons import asking
from api.persons.facts import PersonRight
from api.security import service as security
from regulation.emergency import service as emergency
from regulation.intake import service as intake
from regulation.intake.facts import RequestFilter, RequestOrder
from snp.platform.actors import Actor, Role, system

_SINCE: Final = timedelta(minutes=20)
_LASTS: Final = timedelta(hours=1)
_WHY: Final = "Malaise sur la route des vacances, le SMUR demande qui est ce patient"


def play_emergency(session: Session, stage: Stage, *, now: datetime) -> None:
    """Open the newest dossier that was there twenty minutes ago, from next door; ask for a right."""
    account = security.find_account(session, NEIGHBOUR)
    wanted = RequestFilter(territory_id=stage.territories[RETZ], order=RequestOrder.NEWEST)
    by = system("demo")
    found = intake.list_requests(session, wanted, limit=50, by=by, now=now).items
    known = [one for one in found if one.created_at < now - _SINCE]
    if account is None or not known:
        return
    doctor = Actor(
        ident=f"account:{account.id}",
        role=Role.REGULATEUR,
        territories=frozenset({stage.territories[MONTAIGU]}),
    )
    patient = Actor(ident="patient:demo", role=Role.PATIENT)
    asking.ask_right(session, known[-1].id, PersonRight.ACCESS, by=patient, now=now - _SINCE)
    emergency.open_dossier(session, known[0].number, reason=_WHY, lasts=_LASTS, by=doctor, now=now - _SINCE)
