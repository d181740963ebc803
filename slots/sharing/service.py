"""The use cases of sharing, by act; other packages import them from here. Never commits."""

from slots.sharing.agreeing import (
    accept,
    borrowers_of,
    decline,
    end,
    end_overdue,
    get_sharing,
    get_sharings,
    is_lent_to,
    list_sharings,
    offer,
    opt_outs,
    set_lending,
    story,
    taken_counts,
)
from slots.sharing.lending import admit, lent_slots, takeable_slots
from slots.sharing.serving import territories_served

__all__ = [
    "accept",
    "admit",
    "borrowers_of",
    "decline",
    "end",
    "end_overdue",
    "get_sharing",
    "get_sharings",
    "is_lent_to",
    "lent_slots",
    "list_sharings",
    "offer",
    "opt_outs",
    "set_lending",
    "story",
    "takeable_slots",
    "taken_counts",
    "territories_served",
]
