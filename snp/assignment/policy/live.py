"""The live policy: each slot has a price, what it is worth to those who may still come; give it when it is worth it.

Prices are losses of value in plans for sampled futures, averaged. Knows nothing of what is to come but by them.
"""

from __future__ import annotations

import heapq
from copy import deepcopy
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from snp.assignment.facts import Priority
from snp.assignment.forecast import Forecast
from snp.assignment.policy.desk import Caller, Desk
from snp.assignment.policy.matching import Matching, bits
from snp.assignment.policy.households import answer_household
from snp.assignment.policy.runs import Cost, cheapest_sessions
from snp.assignment.policy.scenario import CEILING, OpenRequest, Scenario, Shapes
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.policy.slot_table import Floats, Ints
from snp.assignment.stream import (
    VALUE,
    Alternative,
    Answer,
    AppointmentCancelled,
    Decision,
    Event,
    Header,
    RequestArrived,
    SlotPublished,
    SlotWithdrawn,
)

PROMISED = 1000
"""Added to the value of a promised request in every plan: nothing is worth breaking a promise."""
ALTERNATIVES_KEPT = 5
TICK_S = 1e-5
"""Instants closer than this are one: seconds since the epoch are not exact to the microsecond."""


class LivePolicy:
    """One live day. See `LiveSettings` for its choices."""

    name = "live"

    def __init__(self, settings: LiveSettings | None = None) -> None:
        self.settings = settings or LiveSettings()
        self.forecast = Forecast(self.settings.forecast)
        self.desk = Desk()
        self.open: dict[str, OpenRequest] = {}
        self.scenarios: list[Scenario] = []
        self.keeping = Matching()
        """How every promise can be kept with the slots that are really there."""
        self._row: dict[str, int] = {}
        self._rows = 0
        self._timers: list[tuple[float, int, str, float]] = []
        self._notices: set[float] = set()
        self._live = False
        self._stale = True
        self._turn = 0
        self._next_refresh = 0.0
        self._mean: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._price_rows: NDArray[np.float32] = np.zeros((0, 0), dtype=np.float32)
        self._levels: list[list[tuple[int, int]]] = []
        self._opened: list[int] = []
        self._spare: int | None = None
        self._random = np.random.default_rng(self.settings.seed)
        self._published = self._withdrawn = 0
        self._last_names: list[tuple[float, str]] = []
        self.kept: dict[Priority, int] = dict.fromkeys(Priority, 0)
        self.met: dict[Priority, int] = dict.fromkeys(Priority, 0)

    # -- the day ------------------------------------------------------------------------------------------

    def open_on(self, desk: Desk, header: Header) -> None:
        self.desk = desk
        desk.watcher = self
        self.header = header
        self.shapes = Shapes(desk.table, self.forecast)
        self._zone = header.start.tzinfo or UTC

    def learn(self, event: Event) -> None:
        if not self._live and event.at >= self.header.history_until:
            self._go_live()
        self._now = event.at.timestamp()
        match event:
            case SlotPublished():
                self.forecast.saw_slot(event.slot, event.at)
                self._published += 1
            case SlotWithdrawn():
                self._withdrawn += 1
            case RequestArrived():
                self.forecast.saw_request(event)
            case AppointmentCancelled():
                pass

    def _go_live(self) -> None:
        self._live = True
        moment = self.header.history_until.timestamp()
        self.forecast.go_live(moment)
        self._next_refresh = moment
        for column in np.flatnonzero(self.desk.table.free).tolist():
            self.keeping.add_column(column)

    def slot_opened(self, column: int) -> None:
        if not self._live:
            return
        table = self.desk.table
        now = self._now
        for item in self.open.values():
            if self._suits(item, column, now):
                item.columns |= 1 << column
                if item.promised:
                    self.keeping.allow(self._row[item.ident], column)
        self.keeping.add_column(column)
        self._spare = None
        self._opened.append(column)
        for notice in self._notices:
            self._set_timer(column, notice)
        if table.capacity != self._capacity():
            self._stale = True
        if not self._stale:
            for scenario in self.scenarios:
                scenario.open_slot(column, now, self.open.values())

    def slot_closed(self, column: int) -> None:
        if not self._live:
            return
        keep = ~(1 << column)
        for item in self.open.values():
            item.columns &= keep
        self.keeping.remove_column(column)
        self.keeping.forget_column(column)
        self._spare = None
        if not self._stale:
            for scenario in self.scenarios:
                scenario.close_slot(column)

    def _capacity(self) -> int:
        return self.scenarios[0].capacity if self.scenarios else 0

    _now: float = 0.0

    # -- prices -------------------------------------------------------------------------------------------

    def prepare(self, now: datetime) -> None:
        if self._live:
            self.refresh(now.timestamp())
            if not self.settings.promise:
                for scenario in self.scenarios:
                    scenario.levels()

    def refresh(self, now: float) -> None:
        """Bring every future up to `now`, and prices with them."""
        s = self.settings
        self._now = now
        if self._stale or not self.scenarios:
            self.scenarios = [self._draw(now) for _ in range(s.scenarios)]
            self._stale = False
        elif now + TICK_S >= self._next_refresh:
            self.scenarios[self._turn % s.scenarios] = self._draw(now)
            self._turn += 1
        if now + TICK_S >= self._next_refresh:
            steps = int((now + TICK_S - self._next_refresh) // (s.refresh_min * 60)) + 1
            self._next_refresh += steps * s.refresh_min * 60
        for scenario in self.scenarios:
            scenario.advance(now)

    def prices(self) -> NDArray[np.float32]:
        """Mean price of each column over the futures."""
        return np.asarray(np.mean([scenario.price_row() for scenario in self.scenarios], axis=0))

    def _draw(self, now: float) -> Scenario:
        return Scenario(now, self.desk.table, self.shapes, self.open.values(), self.settings, self._random)

    # -- deciding -----------------------------------------------------------------------------------------

    def decide(self, caller: Caller, now: datetime, *, last: bool) -> Answer | None:
        moment = self._now = now.timestamp()
        if self._stale:
            self.refresh(moment)
        request = caller.arrival.request
        if request.sessions > 1:
            return self._decide_series(caller, now)
        columns, km = self.desk.table.suitable(caller.need, moment)
        if self.settings.promise and caller.arrival.notice_min is not None:
            item = self._open_item(caller, columns, promised=True)
            if self._may_promise(item):
                return self._promise_or_slot(item, columns, km, now)
        answer = self._slot_or_refusal(caller, columns, km, now)
        return None if not last and not answer.slots and not caller.arrival.waiting_list else answer

    def _promise_or_slot(self, item: OpenRequest, columns: Ints, km: Floats, now: datetime) -> Answer:
        request = item.caller.arrival.request
        value = VALUE[request.priority]
        cost = self._mean_cheapest(item.columns, cap=2 * value)
        if request.priority is not Priority.P1 and not self._promises(item, value, cost):
            return self._slot_or_refusal(item.caller, columns, km, now)
        near = self._near_slot(item, columns, km, cost)
        if near is not None:
            return Answer(now, request.id, (self.desk.table.slot_at(near).id,), reason="served")
        item.weight = value + PROMISED
        self._register(item)
        heapq.heappush(self._last_names, (item.caller.need.deadline - item.notice_s, item.ident))
        return Answer(now, request.id, promise=True, reason="promised")

    def _near_slot(self, item: OpenRequest, columns: Ints, km: Floats, cost: float) -> int | None:
        """A slot that starts too soon for promises to use, when giving it now costs no more than a promise."""
        soon = self.desk.table.start[columns] - item.notice_s < self._now
        value = item.weight
        best, net = self._best(columns[soon], km[soon], value)
        return best if best is not None and value - net <= cost + self.settings.near_patience else None

    def _promises(self, item: OpenRequest, value: int, cost: float) -> bool:
        s = self.settings
        if not item.caller.arrival.waiting_list or item.caller.arrival.request.priority not in s.keep_waiting:
            return cost < value
        later = value - self._mean_cheapest(item.columns, cap=value)
        return later - (value - cost) <= s.promise_patience * value and cost < value

    def _may_promise(self, item: OpenRequest) -> bool:
        """Whether every promise so far and this one can be kept together with the slots really there."""
        row = self._rows
        self._rows += 1
        self.keeping.add_row(row, item.columns, 1)
        held = row in self.keeping.column_of
        if held and self._withdrawn:
            free, taken = self.keeping.slack_of(row)
            held = free >= self.settings.withdrawal_slack * self._withdrawn / self._published * taken
        self.keeping.remove_row(row)
        return held

    def _slot_or_refusal(self, caller: Caller, columns: Ints, km: Floats, now: datetime) -> Answer:
        request = caller.arrival.request
        self.met[request.priority] += 1
        value = VALUE[request.priority]
        lists = caller.arrival.waiting_list
        item = self._open_item(caller, columns, promised=False) if lists else None
        best, net = self._best(columns, km, value)
        later = value - self._mean_cheapest(item.columns, cap=value) if item is not None else 0.0
        if best is not None and self._takes_now(request.priority, net, later, lists):
            return Answer(now, request.id, (self.desk.table.slot_at(best).id,), reason="served")
        if item is not None:
            self._register(item)
        if best is None:
            return Answer(now, request.id, reason="no_suitable_slot")
        self.kept[request.priority] += 1
        return Answer(now, request.id, reason="kept_waiting" if lists else "kept_for_others")

    def _takes_now(self, priority: Priority, net: float, later: float, lists: bool) -> bool:
        s = self.settings
        if priority is Priority.P1:
            return True
        if not lists:
            return net > 0
        if priority not in s.keep_waiting or self.kept[priority] + 1 > s.kept_share * (
            self.met[priority] + 1
        ):
            return net > 0
        return later - net <= s.patience * VALUE[priority] and net > 0

    def _best(self, columns: Ints, km: Floats, value: int) -> tuple[int | None, float]:
        """The free column whose loss to others is least, and value less price."""
        spare = self._spare_mask()
        if spare is not None and len(columns):
            may = np.array([bool(spare >> c & 1) for c in columns.tolist()], dtype=np.bool_)
            columns, km = columns[may], km[may]
        if not len(columns):
            return None, 0.0
        price = self.prices()[columns]
        wanted = self._wanted(columns)
        hours = (self.desk.table.start[columns] - self._now) / 3600
        score = (
            price
            + self.settings.km_price * km
            + self.settings.hour_price * hours
            + self.settings.contention * wanted
        )
        chosen = int(np.argmin(score))
        return int(columns[chosen]), value - float(price[chosen])

    def _wanted(self, columns: Ints) -> Floats:
        """How many sampled requests a column suits, a mean over the futures."""
        count = np.zeros(len(columns))
        for scenario in self.scenarios:
            wanted_by = scenario.plan.wanted_by
            count += [wanted_by.get(c, 0).bit_count() for c in columns.tolist()]
        return count / max(1, len(self.scenarios))

    def _spare_mask(self) -> int | None:
        """Columns that can go without breaking a promise; None when there is no promise."""
        if not self.keeping.weight:
            return None
        if self._spare is None:
            levels = self.keeping.prices()
            self._spare = levels[0][1]
        return self._spare

    def _mean_cheapest(self, columns: int, cap: float) -> float:
        """Mean over the futures of the lowest price among these columns, at most `cap`."""
        if not self.scenarios:
            return cap
        return float(np.mean([min(s.plan.cost_of_serving(columns, CEILING), cap) for s in self.scenarios]))

    def decide_household(self, members: Sequence[Caller], now: datetime) -> list[Answer]:
        """Serve a household when its run is worth it; always when one member is P1."""
        if self._stale:
            self.refresh(now.timestamp())
        self._now = now.timestamp()
        priorities = [member.arrival.request.priority for member in members]
        limit = np.inf if Priority.P1 in priorities else float(sum(VALUE[p] for p in priorities))
        answers = answer_household(self.desk, members, now, self._series_cost(), limit)
        if self._can_spare([slot for answer in answers for slot in answer.slots]):
            return answers
        return answer_household(self.desk, members, now, self._series_cost(), -np.inf)

    def _can_spare(self, slots: Sequence[str]) -> bool:
        """Whether every promise can still be kept without all of these slots."""
        if not self.keeping.weight or len(slots) < 2:
            return True
        trial = deepcopy(self.keeping)
        return sum(trial.remove_column(self.desk.table.column[slot]) for slot in slots) == 0

    def _series_cost(self) -> Cost:
        """The price of a column, without bound where a promise would break."""
        prices = self.prices()
        spare = self._spare_mask()
        return lambda c: float(prices[c]) if spare is None or spare >> c & 1 else np.inf

    def _decide_series(self, caller: Caller, now: datetime) -> Answer:
        request = caller.arrival.request
        limit = np.inf if request.priority is Priority.P1 else float(VALUE[request.priority])
        cost, slots = cheapest_sessions(self.desk.table, caller.need, now, self._series_cost())
        if slots and cost < limit and self._can_spare(slots):
            return Answer(now, request.id, slots, reason="served")
        return Answer(now, request.id, reason="no_suitable_slot")

    # -- the open requests --------------------------------------------------------------------------------

    def _open_item(self, caller: Caller, columns: Ints, *, promised: bool) -> OpenRequest:
        notice = caller.arrival.notice_min if promised else self.settings.waiting_notice_min
        seconds = float(notice or 0) * 60
        start = self.desk.table.start
        mask = 0
        for column in columns.tolist():
            if start[column] - seconds >= self._now:
                mask |= 1 << column
        return OpenRequest(caller, VALUE[caller.arrival.request.priority], mask, seconds, promised)

    def _register(self, item: OpenRequest) -> None:
        self.open[item.ident] = item
        if item.promised:
            row = self._rows
            self._rows += 1
            self._row[item.ident] = row
            self.keeping.add_row(row, item.columns, 1)
            self._spare = None
        for scenario in self.scenarios:
            scenario.add_open(item)
        if item.notice_s not in self._notices:
            self._notices.add(item.notice_s)
            for column in np.flatnonzero(self.desk.table.free).tolist():
                self._set_timer(column, item.notice_s)

    def _unregister(self, ident: str) -> None:
        if self.open.pop(ident, None) is None:
            return
        row = self._row.pop(ident, None)
        if row is not None:
            self.keeping.remove_row(row)
            self._spare = None
        for scenario in self.scenarios:
            scenario.drop_open(ident)

    def _suits(self, item: OpenRequest, column: int, now: float) -> bool:
        table = self.desk.table
        need = item.caller.need
        start = table.start[column]
        least = item.notice_s if item.promised else 60.0 * self.settings.least_notice_min
        if not (need.earliest <= start <= need.deadline and start - least >= now):
            return False
        one = np.array([column])
        return bool(
            table.kinds.accepts[need.kind, table.kind[column]]
            and len(table._by_practitioner(need.request, one))
            and table.distance(need, one)[0] <= need.max_km
        )

    def _set_timer(self, column: int, notice: float) -> None:
        start = float(self.desk.table.start[column])
        moment = max(start - notice, self._now)
        if moment <= start:
            heapq.heappush(self._timers, (moment, column, self.desk.table.slot_at(column).id, notice))

    def follow_up(self, now: datetime) -> Iterator[Answer]:
        if not self._live:
            return
        self._now = now.timestamp()
        self._forget_the_gone()
        if not self._opened:
            return
        opened = 0
        for column in self._opened:
            opened |= 1 << column
        self._opened.clear()
        if self._stale or not self.open:
            return
        waiting = [i for i in self.open.values() if not i.promised and i.columns & opened]
        if not waiting:
            return
        self.refresh(self._now)
        for item in sorted(waiting, key=lambda i: i.caller.arrival.request.priority):
            answer = self._serve_waiting(item, now)
            if answer is not None:
                yield answer
                self._unregister(item.ident)
                self.refresh(self._now)

    def _serve_waiting(self, item: OpenRequest, now: datetime) -> Answer | None:
        request = item.caller.arrival.request
        value = VALUE[request.priority]
        columns, km = self.desk.table.suitable(item.caller.need, self._now)
        self._without(item)
        best, net = self._best(columns, km, value)
        later = value - self._mean_cheapest(item.columns, cap=value)
        self._with(item)
        if best is None or not (
            request.priority is Priority.P1 or (net > 0 and later - net <= self.settings.patience * value)
        ):
            return None
        return Answer(now, request.id, (self.desk.table.slot_at(best).id,), reason="served_from_waiting_list")

    def _without(self, item: OpenRequest) -> None:
        for scenario in self.scenarios:
            scenario.drop_open(item.ident)
        self.refresh(self._now)

    def _with(self, item: OpenRequest) -> None:
        for scenario in self.scenarios:
            scenario.add_open(item)

    def _forget_the_gone(self) -> None:
        for ident, item in list(self.open.items()):
            late = item.caller.need.deadline < self._now and not item.promised
            if item.caller.gone or late:
                self._unregister(ident)

    # -- acting on time -----------------------------------------------------------------------------------

    def next_wake(self) -> datetime | None:
        if not self._live:
            return None
        times = [self._next_refresh]
        if self._timers:
            times.append(self._timers[0][0])
        if self._last_names:
            times.append(self._last_names[0][0])
        return datetime.fromtimestamp(min(times), self._zone)

    def wake(self, now: datetime) -> Iterator[Answer]:
        self._now = now.timestamp()
        self._forget_the_gone()
        while self._timers and self._timers[0][0] <= self._now + TICK_S:
            _, column, slot_id, notice = heapq.heappop(self._timers)
            table = self.desk.table
            if table.column.get(slot_id) != column or not table.free[column]:
                continue
            answer = self._last_call(column, notice, now)
            if answer is not None:
                yield answer
                self._unregister(answer.request)
        while self._last_names and self._last_names[0][0] <= self._now + TICK_S:
            _, ident = heapq.heappop(self._last_names)
            item = self.open.get(ident)
            if item is not None and item.promised:
                self._unregister(ident)
                yield Answer(now, ident, reason="promise_broken", broken=True)

    def _last_call(self, column: int, notice: float, now: datetime) -> Answer | None:
        """A slot reaches the last moment at which some may be told: give it, or let those lose it."""
        candidates = [i for i in self.open.values() if i.columns >> column & 1]
        if not candidates:
            return None
        for scenario in self.scenarios:
            scenario.advance(self._now)
        chosen = self._most_in_need(column, candidates)
        if chosen is not None and chosen.notice_s >= notice:
            slot = self.desk.table.slot_at(column)
            reason = "promise_named" if chosen.promised else "served_from_waiting_list"
            return Answer(now, chosen.ident, (slot.id,), reason=reason)
        for item in candidates:
            if item.notice_s >= notice and item is not chosen:
                self._lose(item, column)
        return None

    def _lose(self, item: OpenRequest, column: int) -> None:
        item.columns &= ~(1 << column)
        if item.promised:
            self.keeping.forbid(self._row[item.ident], column)
            self._spare = None
        for scenario in self.scenarios:
            scenario.forbid(item.ident, column)

    def _most_in_need(self, column: int, candidates: list[OpenRequest]) -> OpenRequest | None:
        allowed = [i for i in candidates if self._keeps_promises(i, column)]
        if not allowed:
            return None
        need = self.desk.table
        best: OpenRequest | None = None
        least = float(np.mean([s.plan.loss_without_column(column) for s in self.scenarios])) + 1e-6
        ranked = self._by_urgency(column, allowed)[: self.settings.weighed]
        scores = []
        for item in ranked:
            loss = float(
                np.mean([s.plan.loss_of_pairing(s.row_of[item.ident], column) for s in self.scenarios])
            )
            km = float(need.distance(item.caller.need, np.array([column]))[0])
            scores.append((loss + self.settings.km_price_named * km, loss, item))
        if not scores:
            return None
        _, loss, best = min(scores, key=lambda x: x[0])
        return best if loss <= least + self.settings.eagerness * (best.weight % PROMISED) else None

    def _by_urgency(self, column: int, items: list[OpenRequest]) -> list[OpenRequest]:
        """Those who would lose most without this column first."""
        if len(items) <= self.settings.weighed:
            return items
        keep = ~(1 << column)
        urgency = {i.ident: self._mean_cheapest(i.columns & keep, cap=float(i.weight)) for i in items}
        return sorted(items, key=lambda i: -urgency[i.ident])

    def _keeps_promises(self, item: OpenRequest, column: int) -> bool:
        keeping = self.keeping
        if not keeping.weight:
            return True
        if item.promised:
            row = self._row[item.ident]
            return keeping.loss_of_pairing(row, column) == 0
        spare = self._spare_mask()
        return spare is None or bool(spare >> column & 1)
