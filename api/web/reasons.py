"""How the pages name a reason of the triage lists. Pure."""

from __future__ import annotations

from datetime import date

from regulation.triage.lists import counter_list, physio_list


def reason_label(code: str | None, on: date) -> str:
    """Return the French words of a reason in the lists in force on a local day, whichever holds it."""
    if code is None:
        return "motif non précisé"
    found = (one.reason(code) for one in (counter_list(on), physio_list(on)))
    return next((reason.label for reason in found if reason is not None), "motif hors liste")
