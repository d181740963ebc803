"""Where patients are: what the engine needs to know of a request beside its own row."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from regulation.intake.facts import RequestView
from regulation.orientation.matching import Point
from snp.directory import service as directory


def points_of(session: Session, views: Sequence[RequestView]) -> dict[str, Point]:
    """Where the patients of these requests are, by INSEE code."""
    communes = directory.get_communes(session, {view.insee for view in views})
    return {insee: Point(commune.lat, commune.lon) for insee, commune in communes.items()}
