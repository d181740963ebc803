"""How many requests wait, and until when: figures of the whole service, no request named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from regulation.intake import repository
from regulation.intake.facts import OpenCount


def count_open(session: Session, *, now: datetime) -> Sequence[OpenCount]:
    """Count the requests that seek a slot, by territory and time left to their deadline."""
    return repository.count_open(session, now=now)
