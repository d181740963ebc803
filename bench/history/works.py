"""What is asked all day, by name: calls, pages, jobs. Each is done as the service does it, then undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from api.jobs.table import JOBS
from api.observing.business import render_business
from api.persons import service as persons
from api.watch import repository as watch
from api.watch.invariants import INVARIANTS
from api.web.console import queue_views
from api.web.coordination import board_views
from api.web.coordination.indicator_views import OF_PAGE
from api.wiring import Wiring
from bench.load.stage import TERRITORIES, request_id, slot_id, territory_id
from regulation.indicators import service as indicators
from regulation.indicators.facts import Asked, Unit
from regulation.indicators.periods import before, period_of, year_before
from regulation.intake import service as intake
from regulation.intake.facts import PatientTraits, Sex
from regulation.live import service as live
from regulation.orientation import service as orientation
from slots.agenda import service as agenda
from slots.agenda.facts import FreeSlotQuery
from snp.days import local_day
from snp.directory import service as directory
from snp.notifications import service as outbox
from snp.platform import audit_chain
from snp.platform.actors import Actor, Role, system
from snp.platform.columns import new_id

BY = Actor("bench", Role.OSNP, territories=frozenset(map(territory_id, range(TERRITORIES))))
TIMED_JOBS = frozenset(
    {
        "expire-holds",
        "release-slots",
        "expire-requests",
        "keep-promises",
        "alert-coordinators",
        "watch-coverage",
        "compute-statements",
        "prune",
    }
)
"""Jobs that go by the tables of the past; others are timed by their unit of work, or do not read them."""

STRETCHES = {
    "indicators of a month": "two civil years of the territory (ADR 88)",
    "outbox: forget a batch": "a batch",
    "audit: seal a block": "5,000 lines",
    "retention: forget a batch": "100 people",
    "watch of the invariants": "a week",
    "job compute-statements": "two months",
    "job watch-coverage": "the weeks a forecast learns from",
    "job prune": "a batch",
}
"""Works that read a stretch of the past; it has a bounded length, so that they too stop to grow."""

SOMEBODY = PatientTraits("Essai", "Camille", date(1980, 5, 17), Sex.FEMALE, "44131", "+33612345678")


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks one service: `here` is a territory, `oldest` the instant when its past begins."""

    service: Wiring
    oldest: datetime
    here: UUID

    @property
    def now(self) -> datetime:
        """The instant."""
        return self.service.clock.now()

    def search(self, session: Session, _turn: int) -> None:
        """The free slots of the next two days."""
        until = self.now + timedelta(hours=48)
        wanted = FreeSlotQuery(starts_until=until, territory_ids=frozenset({self.here}))
        agenda.free_slots(session, wanted, self.now)

    def book(self, session: Session, turn: int) -> None:
        """Hold and confirm."""
        number = turn * TERRITORIES
        held = orientation.hold_slots(
            session, UUID(request_id(number)), [UUID(slot_id(number))], by=BY, now=self.now
        )
        orientation.confirm(session, held.bundle_id, keys=self.service.keys, by=BY, now=self.now)

    def know_again(self, session: Session, _turn: int) -> None:
        """Look for the same patient, by the keyed hashes of his name and of his number."""
        keys = self.service.keys
        intake.find_duplicates(session, self.here, SOMEBODY, keys=keys, by=BY, now=self.now)

    def board(self, session: Session, _turn: int) -> None:
        """The coordinator's first page."""
        board_views.board(session, directory.get_territory(session, self.here), by=BY, now=self.now)

    def queue(self, session: Session, _turn: int) -> None:
        """The regulation's first page."""
        wanted = queue_views.wanted_of("", "", "", self.here, None)
        queue_views.queue(session, wanted, by=BY, now=self.now)

    def indicators(self, session: Session, _turn: int) -> None:
        """The page of all indicators, a month beside the one before and a year before."""
        territory = directory.get_territory(session, self.here)
        period = period_of(Unit.MONTH, local_day(self.now, territory.settings.snp_hours.zone))
        asked = Asked(period, (before(period), year_before(period)), OF_PAGE[period.unit])
        found = indicators.list_indicators(session, territory.id)
        indicators.measure(session, territory, found, asked, now=self.now)

    def lease(self, session: Session, _turn: int) -> None:
        """Queue a message and lease it."""
        outbox.enqueue(session, "bench", f"bench:{new_id()}", {}, self.now)
        outbox.claim(session, ["bench"], now=self.now)

    def forget_messages(self, session: Session, _turn: int) -> None:
        """Forget a batch of settled messages."""
        soon = self.oldest + timedelta(days=1)
        outbox.prune(session, settled_before=max(soon, self.now - timedelta(days=29)), dead_before=soon)

    def waiting_list(self, session: Session, _turn: int) -> None:
        """Who waits for a slot."""
        live.waiting_list(session, self.here, by=BY)

    def metrics(self, _session: Session, _turn: int) -> None:
        """What Prometheus reads."""
        render_business(self.service)

    def invariants(self, session: Session, _turn: int) -> None:
        """Look at every invariant of the data."""
        for one in INVARIANTS:
            watch.look(session, one, now=self.now)

    def forget_people(self, session: Session, _turn: int) -> None:
        """Forget a batch of the patients who were kept for long enough."""
        due, keys = self.oldest + timedelta(hours=2), self.service.keys
        persons.forget_kept_too_long(session, before=due, keys=keys, by=system("bench"), now=self.now)

    def seal(self, session: Session, _turn: int) -> None:
        """Seal a block of the audit."""
        until = audit_chain.settled_until(session)
        audit_chain.seal_block(session, until, hasher=self.service.keys.hasher(), now=self.now)

    def works(self) -> Mapping[str, Callable[[Session, int], object]]:
        """All of it; a session that is given is rolled back, what opens its own does not write."""
        return {
            "search of free slots, 48 h": self.search,
            "booking: hold and confirm": self.book,
            "patient known again by keyed hash": self.know_again,
            "coordinator's board": self.board,
            "regulation's queue": self.queue,
            "indicators of a month": self.indicators,
            "waiting list": self.waiting_list,
            "outbox: queue one, lease one": self.lease,
            "outbox: forget a batch": self.forget_messages,
            "scrape of /metrics": self.metrics,
            "watch of the invariants": self.invariants,
            "retention: forget a batch": self.forget_people,
            "audit: seal a block": self.seal,
        }

    def jobs(self) -> Mapping[str, Callable[[Session, int], object]]:
        """The jobs, which commit: what they found to do is done after the first turn."""

        def doing(run: Callable[[Wiring], int]) -> Callable[[Session, int], object]:
            return lambda _session, _turn: run(self.service)

        return {f"job {job.name}": doing(job.run) for job in JOBS if job.name in TIMED_JOBS}
