"""What the hours of unscheduled care change for a request. Pure.

Outside them the answer is the permanence des soins (PDSA). One exception, said aloud by the régulateur: the
need can wait, and its delay reaches the next opening.
"""

from __future__ import annotations

from datetime import datetime

from regulation.facts import Reason
from snp.days import SnpHours, is_snp_hours, next_snp_opening, say_relative

_PDSA = "CSP art. R6315-1 (permanence des soins) ; convention médicale 2024–2029 (horaires des SNP)"


def outside(hours: SnpHours, now: datetime) -> tuple[Reason, ...]:
    """Why the call goes to the PDSA; empty during SNP hours."""
    if is_snp_hours(now, hours):
        return ()
    opening = next_snp_opening(now, hours)
    reopens = "" if opening is None else f" Réouverture {say_relative(opening, now)}."
    sentence = f"Hors des horaires de soins non programmés : orienter vers la permanence des soins.{reopens}"
    return (Reason("outside_snp_hours", sentence, _PDSA),)


def reopens_by(hours: SnpHours, now: datetime, deadline: datetime) -> bool:
    """Whether care reopens before the end of the delay."""
    opening = next_snp_opening(now, hours)
    return opening is not None and opening < deadline


def can_wait(hours: SnpHours, now: datetime) -> Reason:
    """The régulateur's word that the need can wait for the next opening."""
    opening = next_snp_opening(now, hours)
    when = "la prochaine ouverture" if opening is None else f"la réouverture, {say_relative(opening, now)}"
    return Reason("can_wait", f"Le régulateur confirme que le besoin peut attendre {when}.", _PDSA)
