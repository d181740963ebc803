"""Calls kept by the job: closed when filled or too late, asked on in waves, opened when a shortage nears."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from regulation.coverage import repository, targeting
from regulation.coverage.facts import Basis, CallEnding, CallView, Sheet
from regulation.coverage.halves import HalfDay
from regulation.coverage.refusals import AlreadyCalled, NobodyToAsk
from regulation.coverage.service.calling import ask_next, end, open_call
from snp.directory.facts import TerritoryView
from snp.platform.actors import Actor


def close_calls(session: Session, territory: TerritoryView, *, by: Actor, now: datetime) -> int:
    """End the calls that are filled, or whose time has passed; returns how many."""
    ended = 0
    for call in repository.running_calls(session, territory.id):
        if not call.missing():
            end(session, call, CallEnding.FILLED, by=by, now=now)
        elif call.closes_at <= now:
            end(session, call, CallEnding.EXPIRED, by=by, now=now)
        else:
            continue
        ended += 1
    return ended


def ask_on(session: Session, territory: TerritoryView, *, now: datetime) -> int:
    """Ask the next wave of each running call whose last had its time; returns how many were asked."""
    running = repository.running_calls(session, territory.id)
    return sum(ask_next(session, territory, call, now=now) for call in running)


def open_due(
    session: Session, territory: TerritoryView, sheets: Sequence[Sheet], *, by: Actor, now: datetime
) -> list[CallView]:
    """Open the calls that an outlook asks for, where the territory lets them open by themselves.

    Never on less than two weeks of past; a new call leaves the one before its time, unless patients wait whom
    nothing free suits.
    """
    if not territory.settings.coverage.automatic:
        return []
    running = repository.running_calls(session, territory.id)
    lately = repository.calls_page(session, territory.id, after=None, limit=20)
    opened = []
    for sheet in sheets:
        mine = [call for call in running if call.profession == sheet.profession]
        wanted = newly_wanted(sheet, mine)
        recent = any(
            call.profession == sheet.profession and now - call.opened_at < targeting.CALL_GAP
            for call in lately
        )
        pressing = sheet.stranded > sum(sum(call.missing().values()) for call in mine)
        if not wanted or (recent and not pressing) or sheet.basis in {Basis.ASSUMED, Basis.SHORT}:
            continue
        try:
            with session.begin_nested():
                opened.append(
                    open_call(session, territory.id, sheet.profession, wanted, automatic=True, by=by, now=now)
                )
        except (AlreadyCalled, NobodyToAsk):
            continue
    return opened


def newly_wanted(sheet: Sheet, running: Sequence[CallView]) -> dict[HalfDay, int]:
    """Return the slots asked for in half-days that no running call covers, less what others still miss."""
    covered = {half for call in running for half in call.wanted}
    pending = sum(sum(call.missing().values()) for call in running)
    inside = sum(line.wanted for line in sheet.lines if line.half in covered)
    spare = max(pending - inside, 0)
    wanted: dict[HalfDay, int] = {}
    for line in sheet.lines:
        if line.half in covered or not line.wanted:
            continue
        less = min(spare, line.wanted)
        spare -= less
        if line.wanted > less:
            wanted[line.half] = line.wanted - less
    return wanted
