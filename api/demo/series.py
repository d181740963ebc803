"""What physiotherapists do in the demonstration: sheets, closings, an offer, a relay, their terms.

Played through the services, at the present instant; what a visitor did meanwhile stays.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.demo.cast import RETZ
from api.demo.facts import Stage
from api.demo.playing import IDENT, coin
from regulation.series import keeping
from regulation.series import service as series
from regulation.series.facts import PHYSIO, PassReason, SeriesCard, SeriesEnd
from regulation.series.rules import begun, to_come
from snp.days import local_day
from snp.platform.actors import Actor, Role
from snp.platform.keys import Keys

_FINISHED: Final = 0.6
"""Share of the series that are over whose sheet is written; the others show the reminder."""
_SHEET: Final = {
    "findings": "Douleur 6/10 à l’arrivée, 3/10 à la dernière séance.\nMobilité presque complète.",
    "exercises": "Étirements doux, 30 secondes, 3 fois par jour\nMarche, 20 minutes par jour",
    "advice": "Rester actif, selon la douleur.",
    "next": "Poursuivre avec le kinésithérapeute de votre choix si la gêne dure.",
}


def play_series(session: Session, stage: Stage, *, keys: Keys, now: datetime, seed: int) -> None:
    """Play what the physiotherapists of Pays de Retz do with their series."""
    territory_id = stage.territories[RETZ]
    physios = [one.id for one in keeping.physios(session, territory_id, now)]
    for place, ident in enumerate(physios):
        by = _acting(territory_id, ident)
        takes = (True, None, True, False)[place % 4]
        if series.get_physio_terms(session, by=by).changed_at is None:
            series.set_physio_terms(session, takes_patients=takes, direct_access_since=None, by=by, now=now)
        for card in series.list_held(session, is_open=True, by=by).items:
            _live(session, card, keys=keys, by=by, now=now, seed=seed)
    _share(session, territory_id, stage.carers["carer-401"], physios, now=now)


def _live(session: Session, card: SeriesCard, *, keys: Keys, by: Actor, now: datetime, seed: int) -> None:
    """Write the sheet of a series that is over and close it, for most of them."""
    request_id = card.series.request_id
    over = begun(card.sessions, now) and not to_come(card.sessions, now)
    drawn = coin(f"sheet:{card.sessions[0].start if card.sessions else ''}", seed)
    if not over or card.sheet is not None or drawn > _FINISHED:
        return
    series.write_sheet(session, request_id, _SHEET, finish=True, keys=keys, by=by, now=now)
    end = SeriesEnd.NO_MORE_CARE if drawn < _FINISHED / 4 else SeriesEnd.HANDED_OVER
    series.close_series(session, request_id, end, by=by, now=now)


def _share(session: Session, territory_id: UUID, me: UUID, physios: list[UUID], *, now: datetime) -> None:
    """Offer a series to the physiotherapist who signs in, and have him stand in for another next week."""
    mine, others = _acting(territory_id, me), [one for one in physios if one != me]
    if not series.offers_to(session, by=mine, now=now):
        for other in others:
            by = _acting(territory_id, other)
            held = series.list_held(session, is_open=True, by=by).items
            going = [card for card in held if to_come(card.sessions, now)]
            if going:
                request_id = going[0].series.request_id
                series.propose_pass(session, request_id, me, PassReason.PLACE, by=by, now=now)
                break
    if others and not series.list_relays(session, by=mine, now=now):
        first = local_day(now)
        series.declare_relay(
            session,
            territory_id,
            practitioner_id=others[0],
            colleague_id=me,
            starts_on=first,
            ends_on=first + timedelta(days=9),
            by=_acting(territory_id, others[0]),
            now=now,
        )


def _acting(territory_id: UUID, ident: UUID) -> Actor:
    return Actor(IDENT, Role.PRACTITIONER, frozenset({territory_id}), practitioner=ident, profession=PHYSIO)
