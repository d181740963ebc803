"""One file an invariant; the file's name is its code. Adding one is adding a file and its name here.

The database's own constraints hold most of them already: a constraint can be dropped, an index damaged, a
row changed by hand. Others join rows that no constraint sees together. A look must not grow with the years:
it reads what is open, or a few days, by an index; appointments and requests are indexed under their
territory.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from api.watch.facts import Invariant

CODES: Final = (
    "appointment_off_its_slot",
    "appointment_out_of_step",
    "booked_without_appointment",
    "double_booking",
    "hold_on_a_taken_slot",
    "hold_that_lingers",
    "identity_read_untold",
    "overlapping_slots",
    "promise_past_its_time",
    "request_out_of_step",
)


def _load(code: str) -> Invariant:
    """The invariant of a file, under the file's own name."""
    module = import_module(f"{__name__}.{code}")
    return Invariant(code, module.BROKEN, module.STATEMENT)


INVARIANTS: Final = tuple(_load(code) for code in CODES)
