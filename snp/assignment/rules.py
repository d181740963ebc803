"""When a slot suits a request and what serving it costs: the one scalar definition of both.

The vectorised solver and the solver-free checker agree because both answer to these functions.
Pure, plain `math`, ordinary double arithmetic. Source: docs/formats.md, `snp-instance/1`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from snp.assignment.facts import Mode, Request, Rule, Slot, Weights

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth. Source: IUGG mean radius R1, as fixed by docs/formats.md."""

PARIS = ZoneInfo("Europe/Paris")


def great_circle_km(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Haversine distance in kilometres between two points in degrees."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half_dphi = (phi_b - phi_a) / 2
    half_dlambda = math.radians(lon_b - lon_a) / 2
    h = math.sin(half_dphi) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_dlambda) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, h)))


def distance_km(request: Request, slot: Slot) -> float:
    """Kilometres that patient or carer travels; 0 for a teleconsultation."""
    if slot.mode is Mode.VR:
        return 0.0
    return great_circle_km(request.lat, request.lon, slot.lat, slot.lon)


def round_half_up(value: float) -> int:
    """Nearest integer, halves towards plus infinity."""
    return math.floor(value + 0.5)


def burden(request: Request, slot: Slot, weights: Weights) -> int:
    """Points that serving `request` in `slot` costs: weighted wait since `earliest` plus weighted travel."""
    hours = (slot.start - request.earliest).total_seconds() / 3600
    wait = weights.wait_per_hour[request.priority] * hours
    return round_half_up(wait + weights.travel_per_km * distance_km(request, slot))


def broken_rule(request: Request, slot: Slot, now: datetime, *, later_session: bool = False) -> Rule | None:
    """The first rule by which `slot` does not suit `request`, in the order of `Rule`; None when it suits.

    The sessions after the first (`later_session`) are not bound by the deadline.
    """
    broken = {
        Rule.PROFESSION: slot.profession not in request.professions,
        Rule.MODE: slot.mode not in request.modes,
        Rule.AUDIENCE: request.audience not in slot.audiences,
        Rule.PRACTITIONER: not accepts_practitioner(request, slot.practitioner),
        Rule.TOO_EARLY: slot.start < now or slot.start < request.earliest,
        Rule.TOO_LATE: slot.start > request.deadline and not later_session,
        Rule.DISTANCE: distance_km(request, slot) > request.max_km,
    }
    return next((rule for rule, is_broken in broken.items() if is_broken), None)


def accepts_practitioner(request: Request, practitioner: str) -> bool:
    """Whether the request may be seen by this practitioner."""
    if practitioner in request.excluded_practitioners:
        return False
    return request.only_practitioners is None or practitioner in request.only_practitioners


def local_day(moment: datetime) -> int:
    """Proleptic ordinal of the local day (Europe/Paris) of an aware moment."""
    try:
        return moment.astimezone(PARIS).toordinal()
    except OverflowError:  # the first and last hours that the calendar can name
        return moment.toordinal()


def breaks_sessions(request: Request, slots: Sequence[Slot]) -> str | None:
    """Why these slots, in time order, are not the sessions of `request`; None when they are."""
    if len(slots) != request.sessions:
        return f"{request.sessions} sessions are needed, {len(slots)} given"
    if len({slot.practitioner for slot in slots}) > 1:
        return "the sessions are not with one practitioner"
    days = [local_day(slot.start) for slot in slots]
    for before, after in pairwise(days):
        if not max(1, request.min_gap_days) <= after - before <= request.max_gap_days:
            return (
                f"sessions {after - before} days apart, "
                f"allowed {request.min_gap_days} to {request.max_gap_days} on different days"
            )
    return None


def breaks_household(slots: Sequence[Slot]) -> str | None:
    """Why these slots are not one unbroken run of one practitioner on one local day; None when they are."""
    if len({slot.practitioner for slot in slots}) > 1:
        return "the slots are not with one practitioner"
    if len({local_day(slot.start) for slot in slots}) > 1:
        return "the slots are not on one local day"
    run = sorted(slots, key=lambda slot: slot.start)
    for before, after in pairwise(run):
        if before.end != after.start:
            return f"{after.id} does not start where {before.id} ends"
    return None
