"""Finding the slots that suit one request without looking at all of them, by the scalar rules alone.

Slots are kept by what they are (profession, mode, audiences) and by bands of latitude, sorted by start.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from snp.assignment.facts import Audience, Instance, Mode, Request, Slot
from snp.assignment.rules import EARTH_RADIUS_KM, broken_rule

_Kind = tuple[str, Mode, frozenset[Audience]]
_KM_PER_DEGREE = math.radians(1) * EARTH_RADIUS_KM


class SlotFinder:
    """The slots of an instance, ready to be asked for those that suit a request."""

    def __init__(self, instance: Instance) -> None:
        self._now = instance.now
        self._bands: dict[_Kind, dict[int, list[Slot]]] = defaultdict(lambda: defaultdict(list))
        for slot in sorted(instance.slots, key=lambda slot: (slot.start, slot.id)):
            self._bands[slot.profession, slot.mode, slot.audiences][math.floor(slot.lat)].append(slot)
        self._starts = {
            (kind, band): [slot.start for slot in slots]
            for kind, bands in self._bands.items()
            for band, slots in bands.items()
        }

    def any_suits(self, request: Request) -> Slot | None:
        """A slot that suits the request (its first session), or None."""
        return next(self.suitable(request), None)

    def suitable(self, request: Request) -> Iterator[Slot]:
        """The slots that suit the request (its first session), in no particular order."""
        for slot in self._near(request):
            if broken_rule(request, slot, self._now) is None:
                yield slot

    def _near(self, request: Request) -> Iterator[Slot]:
        earliest = max(self._now, request.earliest)
        reach = request.max_km / _KM_PER_DEGREE + 1e-6
        lowest, highest = math.floor(request.lat - reach), math.floor(request.lat + reach)
        for kind, bands in self._bands.items():
            profession, mode, audiences = kind
            if profession not in request.professions or mode not in request.modes:
                continue
            if request.audience not in audiences:
                continue
            for band, slots in bands.items():
                if mode is Mode.VR or lowest <= band <= highest:
                    yield from self._between(kind, band, slots, earliest, request.deadline)

    def _between(
        self, kind: _Kind, band: int, slots: list[Slot], earliest: datetime, deadline: datetime
    ) -> list[Slot]:
        starts = self._starts[kind, band]
        return slots[bisect_left(starts, earliest) : bisect_right(starts, deadline)]
