"""The ways out of this service: which channel sends which topic, made from the settings. One row each."""

from __future__ import annotations

from api.wiring import Wiring
from snp.notifications.channels import WaysOut


def ways_out(wiring: Wiring) -> WaysOut:
    """Return the channels and splitters that the settings of this service connect."""
    del wiring
    return WaysOut()
