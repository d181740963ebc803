"""The demonstration as commands use it: made sure of, assigned, printed; a transaction for each step."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from rich.console import Console
from sqlmodel import Session

from api.demo.cast import MONTAIGU, RETZ
from api.demo.clock import living_instant, set_clock
from api.demo.repository import empty_everything, holds_only, latest_instant
from api.demo.result import print_pool, print_sign_ins
from api.demo.service import demo_status, load_demo, refresh_demo
from api.demo.stage import is_staged
from api.wiring import Wiring
from regulation.live import service as live
from regulation.live.refusals import AlreadyPromised, NoPromise
from regulation.orientation import service as orientation
from regulation.orientation.facts import PoolReport
from snp.directory import service as directory
from snp.directory.facts import TerritoryView
from snp.directory.territory_settings import AnswerMode
from snp.errors import SnpError
from snp.platform.actors import system
from snp.platform.clock import SystemClock
from snp.platform.events import Event
from snp.platform.logs import log
from snp.platform.settings import Environment

_POOL: Final = system("demo-pool")
_TIME_LIMIT_S: Final = 20.0
_PROMISES: Final = 3


class DemoRefused(SnpError):
    """The demonstration has no place in this service."""

    slug = "demo-refused"
    fr = "Démonstration refusée : {reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(f"demo refused: {reason}", reason=reason)


def ensure_demo(service: Wiring) -> bool:
    """Load the demonstration, or bring it up to the present; false when there was nothing to do.

    One whose cast somebody changed stays as he left it: his changes are data, and the service must start.
    Raises `DemoRefused` in production (its passwords are public) and beside a real territory.
    """
    _check_place(service)
    now = service.clock.now()
    with service.transaction() as session:
        if demo_status(session, now=now).loaded:
            return _refreshed(session, service, now)
        if is_staged(session):
            return False
        if not holds_only(session, frozenset()):
            raise DemoRefused("cette base contient déjà un territoire (sans elle : --no-demo)")
        load_demo(session, keys=service.keys, now=now)
    log(Event.DEMO_LOADED)
    return True


def set_demo_clock(service: Wiring, at: datetime | None = None) -> datetime:
    """Show `at`, or a moment of care no earlier than what the story has reached; return the moment shown."""
    _check_place(service)
    real = SystemClock().now()
    with service.transaction() as session:
        reached = latest_instant(session) or real
    shown = at or living_instant(max(real, reached))
    service.clock = set_clock(service.settings, real=real, shown=shown)
    return shown


def assign_demo(service: Wiring) -> list[tuple[str, PoolReport]]:
    """Assign the open requests of both territories; the name and report of each."""
    reports = []
    for slug in (RETZ, MONTAIGU):
        with service.transaction() as session:
            territory = directory.get_territory_by_slug(session, slug)
        live.refresh_prices(service.transaction, territory.id, clock=service.clock.now)
        _promise_some(service, territory)
        report = orientation.assign_pool(
            service.transaction,
            territory.id,
            keys=service.keys,
            by=_POOL,
            clock=service.clock.now,
            time_limit_s=_TIME_LIMIT_S,
        )
        reports.append((territory.name, report))
    return reports


def _promise_some(service: Wiring, territory: TerritoryView) -> None:
    """Make the promises that a regulator would have made this morning, where the territory promises."""
    if territory.settings.mode is not AnswerMode.PROMISE:
        return
    now = service.clock.now()
    with service.transaction() as session:
        for line in live.waiting_list(session, territory.id, by=_POOL)[:_PROMISES]:
            try:
                with session.begin_nested():
                    live.promise(session, line.request_id, by=_POOL, now=now)
            except (NoPromise, AlreadyPromised):
                continue


def reset_demo(service: Wiring) -> None:
    """Empty the database and load the demonstration anew; raises `DemoRefused` beside a real territory."""
    _check_place(service)
    with service.transaction() as session:
        if not holds_only(session, frozenset({RETZ, MONTAIGU})):
            raise DemoRefused("cette base contient un autre territoire")
        empty_everything(session)
    ensure_demo(service)


def show_demo(service: Wiring, console: Console, address: str) -> None:
    """Assign what is open, print what came of it, and how to sign in."""
    print_pool(console, assign_demo(service))
    print_sign_ins(console, address)


def _refreshed(session: Session, service: Wiring, now: datetime) -> bool:
    """Play what happened since; nothing at all where a change made by hand stands in the story's way."""
    try:
        with session.begin_nested():
            return refresh_demo(session, keys=service.keys, now=now)
    except SnpError:
        return False


def _check_place(service: Wiring) -> None:
    if service.settings.environment is Environment.PRODUCTION:
        raise DemoRefused("ses mots de passe sont publics, ce service est en production")
