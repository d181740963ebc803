"""Every choice of the live policy that is not a rule, with its default."""

from __future__ import annotations

from dataclasses import dataclass, field

from snp.assignment.facts import Priority
from snp.assignment.forecast import ForecastSettings
from snp.assignment.policy.telling import QuietHours


@dataclass(frozen=True)
class LiveSettings:
    """Values are in points of the score (9, 3, 1). Defaults were tuned over several made-up regions."""

    promise: bool = False
    """Answer with a promise when the request allows it; else always with a slot or a refusal."""
    scenarios: int = 16
    """Sampled futures that prices are averaged over."""
    horizon_h: float = 36.0
    """How far ahead futures are sampled."""
    refresh_min: float = 30.0
    """How often one future is drawn again, in turn."""
    inflation: float = 1.4
    """Demand of the futures relative to the forecast. Plans that know their future waste nothing.

    A day does.
    """
    keep_waiting: frozenset[Priority] = frozenset({Priority.P2, Priority.P3})
    """Whose call may end on the waiting list while a slot is free; P1 is served whatever stands here."""
    kept_share: float = 0.5
    """Largest share of the requests of one priority refused although a slot is free, waiting list or not."""
    patience: float = 0.02
    """What keeping a request waiting must be expected to bring, per point of its value."""
    promise_patience: float = 0.02
    """The same for keeping it on the waiting list rather than promising."""
    near_patience: float = 0.02
    """How much dearer than a promise a slot that starts too soon for promises may be, and still be given."""
    waiting_notice_min: float = 30.0
    """How long before its start a slot is given to the waiting list at the latest."""
    least_notice_min: float = 20.0
    """How long before its start a slot that opens late may still be given to the waiting list."""
    withdrawal_slack: float = 1.5
    """Slots kept for promises beyond those needed, relative to how many are withdrawn on average."""
    quiet_hours: QuietHours | None = None
    """Local hours in which nobody is told anything: what would be named then is named before."""
    km_price: float = 0.002
    """Points per kilometre, between slots that cost the others the same."""
    km_price_named: float = 0.005
    """The same when a slot looks for a request."""
    hour_price: float = 0.0
    """Points per hour of wait, between slots that cost the others the same."""
    contention: float = 0.001
    """Points per request that a slot would suit, between slots that cost the others the same."""
    eager: bool = True
    """Compute prices between events, before anybody asks.

    Where nobody is on the line, as in a simulation, later is less work for the same answers.
    """
    weighed: int = 8
    """Requests compared in full when a slot reaches its last call, most urgent first."""
    seed: int = 0
    forecast: ForecastSettings = field(default_factory=ForecastSettings)
