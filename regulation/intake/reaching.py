"""What one act does to requests of several territories, while PostgreSQL bounds its session to one (ADR 105).

A slot is taken, lent and given back across territories: who acts on the slot acts on requests that he may not
read. The callers name them by their claims; nothing that is read here is shown. For this layer only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository
from snp.platform import near


@contextmanager
def reaching_requests(session: Session, request_ids: Collection[UUID]) -> Iterator[None]:
    """Widen a bound session to the territories of these requests, for the block."""
    if not request_ids or near.bound_to(session) is None:
        yield
        return
    with near.unbound(session):
        territories = repository.territories_of(session, request_ids)
    with near.reaching(session, territories):
        yield
