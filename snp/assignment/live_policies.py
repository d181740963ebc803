"""The policies by the names that commands and benches give them."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import assert_never

from snp.assignment.live_replay import Policy
from snp.assignment.policy.live import LivePolicy
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.policy.simple import first_come, nearest, sas_ordering


class PolicyName(StrEnum):
    """Policies that a stream can be replayed with."""

    FCFS = "fcfs"
    NEAREST = "nearest"
    SAS = "sas"
    LIVE = "live"


def make_policy(
    name: PolicyName, *, promise: bool = False, seed: int = 0, settings: LiveSettings | None = None
) -> Policy:
    """A fresh policy. Only `live` knows promises; only `sas` and `live` draw lots, from `seed`."""
    match name:
        case PolicyName.FCFS:
            return first_come()
        case PolicyName.NEAREST:
            return nearest()
        case PolicyName.SAS:
            return sas_ordering(seed)
        case PolicyName.LIVE:
            return LivePolicy(replace(settings or LiveSettings(), promise=promise, seed=seed))
        case _:
            assert_never(name)
