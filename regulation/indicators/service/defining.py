"""The indicators of a territory: the ready set, what it changed of it, and its own; each edit is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from regulation.indicators import repository
from regulation.indicators.definition_json import from_json, to_json
from regulation.indicators.facts import Definition, IndicatorView, RevisionView
from regulation.indicators.ready import READY
from regulation.indicators.refusals import IndicatorCodeTaken
from regulation.indicators.rules import checked_code, checked_definition
from snp.directory import service as directory
from snp.errors import InvalidValue, NotFound, VersionMismatch
from snp.platform.actors import Actor

MOST: Final = 60
"""How many indicators a territory may have: a report that nobody reads to the end proves nothing."""


def list_indicators(
    session: Session, territory_id: UUID, *, retired: bool = False
) -> tuple[IndicatorView, ...]:
    """Return the indicators of a territory: the ready set in its order, then its own by code."""
    own = {row.code: _view(row) for row in repository.of_territory(session, territory_id)}
    ready = (own.pop(code, _ready(code)) for code in READY)
    return tuple(one for one in (*ready, *own.values()) if retired or not one.retired)


def get_indicator(session: Session, territory_id: UUID, code: str) -> IndicatorView:
    """Return one indicator, retired or not. Raises `NotFound`."""
    row = repository.by_code(session, territory_id, code)
    if row is None and code not in READY:
        raise NotFound("indicateur", code)
    return _ready(code) if row is None else _view(row)


def create_indicator(
    session: Session, territory_id: UUID, code: str, definition: Definition, *, by: Actor, now: datetime
) -> IndicatorView:
    """Add an indicator. Raises `InvalidValue`, `IndicatorCodeTaken`."""
    checked = checked_definition(definition, _professions(session))
    if checked_code(code) in READY:
        raise IndicatorCodeTaken(code)
    if len(list_indicators(session, territory_id, retired=True)) >= MOST:
        raise InvalidValue("code", f"{MOST} indicateurs au plus dans un territoire.")
    repository.insert(session, territory_id, code, to_json(checked), retired=False, author=by.ident, now=now)
    return get_indicator(session, territory_id, code)


def change_indicator(
    session: Session,
    territory_id: UUID,
    code: str,
    *,
    definition: Definition | None = None,
    retired: bool | None = None,
    version: int | None,
    by: Actor,
    now: datetime,
) -> IndicatorView:
    """Edit, retire or restore an indicator; None leaves as it is. `version` None: whatever it is.

    Raises `NotFound`, `VersionMismatch`, `InvalidValue`.
    """
    current = get_indicator(session, territory_id, code)
    if version is not None and version != current.version:
        raise VersionMismatch(f"indicator {code} is at version {current.version}, not {version}")
    wanted = current.definition if definition is None else definition
    content = to_json(checked_definition(wanted, _professions(session)))
    is_retired = current.retired if retired is None else retired
    row = repository.by_code(session, territory_id, code)
    if row is None:
        try:
            with session.begin_nested():
                repository.insert(
                    session, territory_id, code, content, retired=is_retired, author=by.ident, now=now
                )
        except IndicatorCodeTaken as other:
            raise VersionMismatch(f"indicator {code} was changed meanwhile") from other
    else:
        repository.update(
            session,
            row,
            content,
            retired=is_retired,
            version=current.version,
            author=by.ident,
            now=now,
        )
    return get_indicator(session, territory_id, code)


def indicator_history(session: Session, territory_id: UUID, code: str) -> tuple[RevisionView, ...]:
    """Return how an indicator stood after each edit, newest first. Raises `NotFound`."""
    get_indicator(session, territory_id, code)
    return tuple(
        RevisionView(row.version, row.at, row.author, from_json(row.content), row.retired)
        for row in repository.revisions(session, territory_id, code)
    )


def _professions(session: Session) -> frozenset[str]:
    return frozenset(one.code for one in directory.list_professions(session, active=None))


def _ready(code: str) -> IndicatorView:
    return IndicatorView(code, READY[code], version=0, retired=False, ready=True)


def _view(row: sa.Row[Any]) -> IndicatorView:
    return IndicatorView(row.code, from_json(row.content), row.version, row.retired, row.code in READY)
