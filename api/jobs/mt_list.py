"""What the clock does to the list of people without a médecin traitant, territory by territory."""

from __future__ import annotations

from typing import Final

from api.jobs.work import territories
from api.wiring import Wiring
from regulation.medecin_traitant.register import service as register
from snp.platform.actors import system

_ROUNDS: Final = 200
"""Units of one kind a fire, in one territory, at most: the next fire goes on."""


def tend(wiring: Wiring) -> int:
    """Drop, return, ask, remind, close and erase what is due; each unit of work commits alone."""
    by, done = system("tend-mt-list"), 0
    for territory in territories(wiring):
        for unit in register.UNITS:
            for _ in range(_ROUNDS):
                with wiring.transaction() as session:
                    found = len(unit(session, territory.id, by=by, now=wiring.clock.now()))
                done += found
                if not found:
                    break
    return done
