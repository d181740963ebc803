"""What stands between a price and an answer: rules shared by replayed streams and by the service. Pure."""

from __future__ import annotations

from typing import Final

from snp.assignment.facts import Priority
from snp.assignment.stream import VALUE

PROMISED: Final = 1000
"""Added to the value of a promised request in every plan: nothing is worth breaking a promise."""

P1_IS_SERVED: Final = "p1_is_served"
WORTH_ITS_PRICE: Final = "worth_its_price"
WAITING_BRINGS_LITTLE: Final = "waiting_brings_little"
SHARE_REACHED: Final = "share_of_refusals_reached"


def rule_for_giving(priority: Priority, *, net: float, waiting: float | None, patience: float) -> str | None:
    """Return the code of the rule by which a slot is given now; None when it is not.

    `net` is the request's value less the slot's price, `waiting` what the request is expected to bring
    without an answer now (None: it may not wait). `patience`: what waiting must bring, per point of value.
    """
    if priority is Priority.P1:
        return P1_IS_SERVED
    if net <= 0:
        return None
    if waiting is None:
        return WORTH_ITS_PRICE
    return WAITING_BRINGS_LITTLE if waiting - net <= patience * VALUE[priority] else None


def share_left(kept: int, weighed: int, share: float) -> bool:
    """Whether one more may be kept waiting: of `weighed` so far `kept` were, `share` at most may be."""
    return kept + 1 <= share * (weighed + 1)
