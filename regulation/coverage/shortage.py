"""From a forecast and published slots to the risk of a shortage, and to where a slot helps most. Pure.

The half-days ahead are lived through many times: needs are drawn, the most pressed are served first, who
cannot wait any longer goes without. Drawn from one seed, so that the same facts give the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from regulation.coverage.forecasting import Forecast

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

PATHS: Final = 400
LONGEST_WAIT: Final = 5
"""A need waits so many half-days at most: 48 h and what lies between."""
USUAL_WAITS: Final = (0.15, 0.2, 0.25, 0.2, 0.2)
"""Share of needs by how many further half-days they can wait, where nothing is known yet: assumed."""
LEAST_GAIN: Final = 0.35
"""A slot is worth asking for from so many patients it is expected to serve."""
MOST_WANTED: Final = 20
_SEED: Final = 20_261_126


@dataclass(frozen=True, slots=True)
class Ahead:
    """What lies ahead, half-day by half-day (arrays of one length).

    `free`: slots published and free. `to_come`: slots usually published later than this for such a half-day
    (expected). `waits`: share of needs by how many half-days they can wait. `waiting`: needs already open, by
    how many half-days they can still wait. `first_share`: what is left of the first half-day.
    """

    forecast: Forecast
    free: Floats
    to_come: Floats
    waits: Sequence[float]
    waiting: Sequence[int] = ()
    first_share: float = 1.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected, half-day by half-day.

    `risk`: probability that somebody whose delay ends there goes without; `unserved`: how many are expected
    to. `nothing_left`: probability that no slot is left when the half-day ends, whoever needed them.
    """

    risk: Floats
    unserved: Floats
    nothing_left: Floats


@dataclass(frozen=True, slots=True)
class _Drawn:
    early: Counts
    late: Counts
    slots: Counts
    waiting: Counts


def outlook(ahead: Ahead, *, paths: int = PATHS) -> Outlook:
    """Return what is to be expected if nobody gives another slot than is usual."""
    drawn = _draw(ahead, paths)
    unserved, left = _live(drawn, drawn.slots)
    return Outlook((unserved > 0).mean(axis=0), unserved.mean(axis=0), (left <= 0).mean(axis=0))


def wanted(
    ahead: Ahead,
    allowed: Sequence[bool],
    *,
    least_risk: float,
    stranded: Sequence[int] = (),
    paths: int = PATHS // 2,
) -> list[int]:
    """Return how many more slots to ask for in each half-day, each where it serves most.

    `allowed`: half-days in which slots may be asked for. `stranded`: by how many half-days each open need can
    still wait that nothing free suits (too far, too late): one slot each, as late as it can be. Beyond them,
    nothing is asked while no half-day from the first allowed one on runs the risk, and each slot is worth
    `LEAST_GAIN` patients at least. `ahead.waiting` is without the stranded.
    """
    asked = _expected(ahead, allowed, least_risk=least_risk, paths=paths)
    for wait in stranded:
        within = [place for place, may in enumerate(allowed[: wait + 1]) if may]
        if within:
            asked[within[-1]] += 1
    return asked


def _expected(ahead: Ahead, allowed: Sequence[bool], *, least_risk: float, paths: int) -> list[int]:
    asked = [0] * len(allowed)
    places = [place for place, may in enumerate(allowed) if may]
    if not places:
        return asked
    drawn = _draw(ahead, paths)
    slots = drawn.slots.copy()
    unserved, _ = _live(drawn, slots)
    if not ((unserved > 0).mean(axis=0)[places[0] :] >= least_risk).any():
        return asked
    before = float(unserved.sum(axis=1).mean())
    for _ in range(MOST_WANTED):
        totals = [_with_one_more(drawn, slots, place) for place in places]
        # Among equals the latest: there is more time to answer.
        best = min(range(len(places)), key=lambda n: (round(totals[n], 6), -n))
        if before - totals[best] < LEAST_GAIN:
            break
        before = totals[best]
        slots[:, places[best]] += 1
        asked[places[best]] += 1
    return asked


def _with_one_more(drawn: _Drawn, slots: Counts, place: int) -> float:
    more = slots.copy()
    more[:, place] += 1
    return float(_live(drawn, more)[0].sum(axis=1).mean())


def _draw(ahead: Ahead, paths: int) -> _Drawn:
    random = np.random.default_rng(_SEED)
    told, count = ahead.forecast, len(ahead.forecast.mean)
    waits = np.array(ahead.waits, dtype=float)
    waits = waits / waits.sum()
    mean = told.mean.copy()
    if count:
        mean[0] *= ahead.first_share
    base = random.gamma(told.shape.max(initial=1.0), 1.0, (paths, 1)) / told.shape.max(initial=1.0)
    alone = 1 / np.maximum(1 / told.size - 1 / told.shape.max(initial=1.0), 1e-6)
    rates = mean * base * random.gamma(alone, 1.0, (paths, count)) / alone
    early = random.poisson(rates[:, :, None] * waits / 2)
    late = random.poisson(rates[:, :, None] * waits / 2)
    slots = np.rint(ahead.free).astype(np.int64) + random.poisson(
        np.maximum(ahead.to_come, 0), (paths, count)
    )
    waiting = np.zeros(len(waits), dtype=np.int64)
    for place, open_needs in enumerate(ahead.waiting):
        waiting[min(place, len(waits) - 1)] += open_needs
    return _Drawn(early, late, slots, waiting)


def _live(drawn: _Drawn, slots: Counts) -> tuple[Counts, Counts]:
    """Who goes without, and what is left, by path and half-day.

    Half of a half-day's needs come early enough for any of its slots; of the others, those that cannot wait
    take what is left of them, and the rest look further.
    """
    paths, count = slots.shape
    unserved, left = np.zeros((paths, count), np.int64), np.zeros((paths, count), np.int64)
    carried = np.repeat(drawn.waiting[None, :], paths, axis=0)
    for place in range(count):
        here = carried + drawn.early[:, place]
        taken = np.minimum(np.cumsum(here, axis=1), slots[:, place, None])
        left[:, place] = slots[:, place] - taken[:, -1]
        here = here - np.diff(taken, axis=1, prepend=0)
        late = drawn.late[:, place]
        pressed = np.minimum(late[:, 0], left[:, place])
        left[:, place] -= pressed
        unserved[:, place] = here[:, 0] + late[:, 0] - pressed
        carried = np.zeros_like(here)
        carried[:, :-1] = here[:, 1:] + late[:, 1:]
    return unserved, left
