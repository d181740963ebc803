"""Hold, confirm and let go from a page: who comes late is told so in a notice, and keeps his place.

Each act returns the notice that the next page shows (see `rendering.NOTICES`), None when all went well.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.web import forms
from regulation.intake.rules import IllegalMove
from regulation.live.refusals import SlotKeptForPromise
from regulation.orientation import service as orientation
from regulation.orientation.refusals import SlotDoesNotSuit
from slots.agenda.refusals import SlotInThePast, SlotNotOpen
from slots.appointments.refusals import HoldEnded, HoldExpired, HoldNotFound
from snp.errors import Conflict, NotFound
from snp.platform.actors import Actor
from snp.platform.keys import Keys


def hold(session: Session, proposal: str | None, *, by: Actor, now: datetime) -> str | None:
    """Keep the proposal that a form names."""
    try:
        with session.begin_nested():
            orientation.hold(session, _named(proposal), by=by, now=now)
    except IllegalMove:
        return None
    except (Conflict, NotFound, SlotDoesNotSuit, SlotKeptForPromise):
        return "creneau-pris"
    return None


def confirm(session: Session, bundle: str | None, *, keys: Keys, by: Actor, now: datetime) -> str | None:
    """Turn the held slots that a form names into appointments."""
    try:
        with session.begin_nested():
            orientation.confirm(session, _named(bundle), keys=keys, by=by, now=now)
    except (HoldEnded, HoldNotFound, IllegalMove):
        return None
    except (HoldExpired, SlotNotOpen, SlotInThePast):
        return "retenue-finie"
    return None


def let_go(session: Session, bundle: str | None, *, by: Actor, now: datetime) -> str | None:
    """Give the held slots that a form names back."""
    try:
        with session.begin_nested():
            orientation.drop_hold(session, _named(bundle), by=by, now=now)
    except (HoldEnded, HoldNotFound, IllegalMove):
        return None
    return "lache"


def _named(typed: str | None) -> UUID:
    """Return an identifier that a page of ours put into a form. Raises `NotFound` when it is none."""
    found = forms.ident(typed)
    if found is None:
        raise NotFound("référence", "")
    return found
