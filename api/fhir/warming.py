"""The first search as quick as the others: what searches read and compile once, before any comes.

Source: the national test kit wants the first answer within one second.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.fhir.facts import ALL_VIEWS
from api.fhir.slots import reason_labels
from slots.agenda import service as agenda
from snp.directory.service import cards

_NOBODY = (UUID(int=0),)


def warm(session: Session, *, now: datetime) -> None:
    """Read the lists of reasons, and run each statement of a search for nobody."""
    reason_labels(now)
    cards.carers_by_number(session, rpps=(), adeli=())
    agenda.sas_slots(
        session, now=now, starts_from=now, starts_until=now, views=ALL_VIEWS, practitioner_ids=_NOBODY
    )
    cards.places(session, _NOBODY, _NOBODY)
    cards.cpts(session, _NOBODY)
