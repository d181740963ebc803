"""Every choice of the live policy that is not a rule, with its default."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time

from snp.assignment.facts import Priority
from snp.assignment.forecast import ForecastSettings


@dataclass(frozen=True)
class LiveSettings:
    """Defaults come from `bench/live.py`, tuned over several kinds of region."""

    promise: bool = False
    """Answer with a promise when the request allows it; else always with a slot or a refusal."""
    scenarios: int = 12
    """Sampled futures that prices are averaged over."""
    horizon_h: float = 36.0
    """How far ahead futures are sampled."""
    refresh_min: float = 30.0
    """How often one future is drawn again, in turn."""
    inflation: float = 1.0
    """Demand of the futures relative to the forecast: above 1 is prudent."""
    keep_waiting: frozenset[Priority] = frozenset({Priority.P2, Priority.P3})
    """Whose call may end on the waiting list while a suitable slot is free. Never P1."""
    kept_share: float = 1.0
    """Largest share of the requests of one priority whose call may end so."""
    patience: float = 0.02
    """Expected value, in points per point of the request, that keeping it waiting must bring."""
    promise_patience: float = 0.02
    waiting_notice_min: float = 60.0
    """How long before its start a slot is given to the waiting list at the latest."""
    least_notice_min: float = 20.0
    """How long before its start a slot that opens late may still be given to the waiting list."""
    near_patience: float = 0.02
    withdrawal_slack: float = 1.5
    """Slots kept for promises beyond those needed, relative to how many of them are withdrawn on average."""
    quiet_hours: tuple[time, time] | None = None
    """Local hours in which nobody is told anything: what would be named then is named before."""
    km_price: float = 0.002
    km_price_named: float = 0.005
    hour_price: float = 0.0
    contention: float = 0.001
    eagerness: float = 0.0
    weighed: int = 8
    seed: int = 0
    forecast: ForecastSettings = field(default_factory=ForecastSettings)
