"""The live policy: a slot has a price, its worth to those who may still come; give it if it pays.

Prices are losses of value in plans for sampled futures, averaged. Hard rules stand above them: no P1 is
refused while a suitable slot can go, no promise is put at risk, and only a set share of each priority is kept
waiting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from snp.assignment.facts import Priority
from snp.assignment.forecast import Forecast
from snp.assignment.policy.acceptance import PROMISED, SHARE_REACHED, rule_for_giving, share_left
from snp.assignment.policy.closing import best_closing
from snp.assignment.policy.desk import Caller, Desk
from snp.assignment.policy.futures import TICK_S, Futures, columns_of
from snp.assignment.policy.households import answer_household
from snp.assignment.policy.last_calls import LastCalls
from snp.assignment.policy.promises import Promises
from snp.assignment.policy.runs import Cost, cheapest_sessions
from snp.assignment.policy.scenario import OpenRequest
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.policy.slot_table import Floats, Ints
from snp.assignment.policy.telling import is_quiet, latest_naming
from snp.assignment.policy.weighing import Offer, best_offer
from snp.assignment.stream import (
    VALUE,
    Answer,
    AppointmentCancelled,
    Decision,
    Event,
    Header,
    RequestArrived,
    SlotPublished,
    SlotWithdrawn,
)

NOTHING_SUITS = ("nothing_suits", "no_suitable_slot")
KEPT_FOR_PROMISES = ("kept_for_promises", "kept_for_promises")
"""Rule and reason of a refusal without an offer: no free slot suits, or each that does stands surety."""
JUST_AFTER_S = 0.001
"""How long after its start a slot is past."""
RANKED = 32
"""Requests at most whose urgency is computed at a last call, those with the fewest other slots."""
MANY_SLOTS = 1024
"""From this size on, prices are computed before anybody asks, even where one search would do."""


class LivePolicy:
    """One live day. See `LiveSettings` for its choices, `live_replay.Policy` for what is asked of it."""

    name = "live"

    def __init__(self, settings: LiveSettings | None = None) -> None:
        self.settings = settings or LiveSettings()
        self.forecast = Forecast(self.settings.forecast)
        self.kept = dict.fromkeys(Priority, 0)
        self.weighed = dict.fromkeys(Priority, 0)
        self._live = False
        self._now = 0.0
        self._published = self._withdrawn = 0

    # What happens.

    def open_on(self, desk: Desk, header: Header) -> None:
        """Begin a day on this desk."""
        self.desk, self.header = desk, header
        self.open: dict[str, OpenRequest] = {}
        self.futures = Futures(desk.table, self.forecast, self.open, self.settings)
        self.promises = Promises()
        self.last_calls = LastCalls(desk.table, self.settings.quiet_hours)
        self._opened: list[int] = []
        self._joining: list[OpenRequest] = []
        self._zone = header.start.tzinfo or UTC
        desk.watcher = self

    def learn(self, event: Event) -> None:
        """Feed the forecast; the first event that is not past begins the live day."""
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
        self.futures.next_refresh = moment
        for column in np.flatnonzero(self.desk.table.free).tolist():
            self.promises.opened(column, ())
        self.futures.refresh(moment)
        self.futures.warm()

    def slot_opened(self, column: int) -> None:
        """A slot became free: tell every open request, promise and plan."""
        if not self._live:
            return
        suited = [item for item in self.open.values() if self._suits(item, column)]
        for item in suited:
            item.columns |= 1 << column
        self.promises.opened(column, suited)
        self.last_calls.opened(column, self._now)
        self.futures.opened(column, self._now)
        self._opened.append(column)

    def slot_closed(self, column: int) -> None:
        """A slot was taken, withdrawn, or began."""
        if not self._live:
            return
        for item in self.open.values():
            item.columns &= ~(1 << column)
        self.promises.closed(column)
        self.futures.closed(column)

    def prepare(self, now: datetime) -> None:
        """Bring prices up to date between events, off the caller's time."""
        if self._live:
            self.futures.refresh(now.timestamp())
            self.promises.spare()
            if self.settings.eager and (not self.settings.promise or self.desk.table.capacity >= MANY_SLOTS):
                self.futures.warm()

    # Answering.

    def decide(self, caller: Caller, now: datetime, *, last: bool) -> Answer | None:
        """Promise, give a slot, or refuse; None when the answer would be a refusal for good and may wait."""
        self._now = now.timestamp()
        if self.futures.stale:
            self.futures.refresh(self._now)
        arrival = caller.arrival
        if arrival.request.sessions > 1:
            return self._decide_sessions(caller, now)
        columns, km = self.desk.table.suitable(caller.need, self._now)
        if self.settings.promise and arrival.notice_min is not None and not caller.at_once:
            item = self._open_item(caller, columns, promised=True)
            if self.promises.has_room_for(item, self._slack()):
                return self._promise_or_slot(item, columns, km, now)
        answer = self._slot_or_refusal(caller, columns, km, now)
        return None if not last and not answer.slots and not arrival.waiting_list else answer

    def decide_household(self, members: Sequence[Caller], now: datetime) -> list[Answer]:
        """Serve a household when its run is worth it; always when one member is P1."""
        self._now = now.timestamp()
        if self.futures.stale:
            self.futures.refresh(self._now)
        priorities = [member.arrival.request.priority for member in members]
        limit = np.inf if Priority.P1 in priorities else float(sum(VALUE[p] for p in priorities))
        answers = answer_household(self.desk, members, now, self._price_of_series(), limit)
        if self._can_spare([slot for answer in answers for slot in answer.slots]):
            return answers
        return answer_household(self.desk, members, now, self._price_of_series(), -np.inf)

    def _decide_sessions(self, caller: Caller, now: datetime) -> Answer:
        request = caller.arrival.request
        limit = np.inf if request.priority is Priority.P1 else float(VALUE[request.priority])
        cost, slots = cheapest_sessions(self.desk.table, caller.need, now, self._price_of_series())
        if slots and cost < limit and self._can_spare(slots):
            return Answer(now, request.id, slots, reason="served")
        return Answer(now, request.id, reason="no_suitable_slot")

    def _price_of_series(self) -> Cost:
        """The price of a column, without bound where a promise would break."""
        prices, spare = self.futures.prices(), self.promises.spare()
        return lambda c: float(prices[c]) if spare is None or spare >> c & 1 else np.inf

    def _can_spare(self, slots: Sequence[str]) -> bool:
        return self.promises.can_spare([self.desk.table.column[slot] for slot in slots])

    def _slack(self) -> float:
        return self.settings.withdrawal_slack * self._withdrawn / max(1, self._published)

    def _promise_or_slot(self, item: OpenRequest, columns: Ints, km: Floats, now: datetime) -> Answer:
        """Promise when that is worth more than waiting.

        Give a slot that is too near for promises if as cheap.
        """
        request = item.caller.arrival.request
        value = VALUE[request.priority]
        cost = self.futures.cheapest(item.columns, cap=2.0 * value)
        if request.priority is not Priority.P1 and not self._promising_pays(item, value, cost):
            return self._slot_or_refusal(item.caller, columns, km, now)
        self.weighed[request.priority] += 1
        soon = self.desk.table.start[columns] - item.notice_s < self._now
        near = self._offer(columns[soon], km[soon], value)
        if near is not None and near.price <= cost + self.settings.near_patience:
            return self._give(item.caller, near, now, rule="near_slot_costs_no_more", waiting=value - cost)
        decision = self._weighed("promise_can_be_kept", request.priority, None, promised=value - cost)
        item.weight = value + PROMISED
        self._register(item)
        return Answer(now, request.id, promise=True, reason="promised", decision=decision)

    def _promising_pays(self, item: OpenRequest, value: int, cost: float) -> bool:
        arrival = item.caller.arrival
        if not self._may_wait(arrival):
            return cost < value
        waiting = value - self.futures.cheapest(item.columns, cap=float(value))
        return cost < value and waiting - (value - cost) <= self.settings.promise_patience * value

    def _slot_or_refusal(self, caller: Caller, columns: Ints, km: Floats, now: datetime) -> Answer:
        arrival = caller.arrival
        value = VALUE[arrival.request.priority]
        offer = self._offer(columns, km, value)
        item = self._open_item(caller, columns, promised=False) if arrival.waiting_list else None
        waiting = None if item is None else value - self.futures.cheapest(item.columns, cap=float(value))
        may_wait, may_refuse = self._may_wait(arrival), self._share_left(arrival.request.priority)
        self.weighed[arrival.request.priority] += 1
        if offer is not None:
            rule = self._rule_for_giving(arrival.request.priority, offer, waiting if may_wait else None)
            rule = rule if may_refuse else rule or SHARE_REACHED
            if rule is not None:
                return self._give(caller, offer, now, rule=rule, waiting=waiting)
        if item is not None:
            self._register(item)
        return self._refuse(caller, offer, now, waiting, pledged=bool(len(columns)))

    def _rule_for_giving(self, priority: Priority, offer: Offer, waiting: float | None) -> str | None:
        """The code of the rule by which an offer is given now; None when it is not."""
        return rule_for_giving(priority, net=offer.net, waiting=waiting, patience=self.settings.patience)

    def _may_wait(self, arrival: RequestArrived) -> bool:
        """Whether the call may end on the waiting list although a slot is free."""
        priority, s = arrival.request.priority, self.settings
        if not arrival.waiting_list or priority is Priority.P1 or priority not in s.keep_waiting:
            return False
        return self._share_left(priority)

    def _share_left(self, priority: Priority) -> bool:
        """Whether one more request of this priority may be refused although a slot is free."""
        return share_left(self.kept[priority], self.weighed[priority], self.settings.kept_share)

    def _give(
        self, caller: Caller, offer: Offer, now: datetime, *, rule: str, waiting: float | None
    ) -> Answer:
        request = caller.arrival.request
        decision = self._weighed(rule, request.priority, offer, waiting=waiting)
        return Answer(now, request.id, (offer.slot,), reason="served", decision=decision)

    def _refuse(
        self, caller: Caller, offer: Offer | None, now: datetime, waiting: float | None, *, pledged: bool
    ) -> Answer:
        request = caller.arrival.request
        if offer is None:
            rule, reason = NOTHING_SUITS if not pledged else KEPT_FOR_PROMISES
            decision = self._weighed(rule, request.priority, None, waiting=waiting)
            return Answer(now, request.id, reason=reason, decision=decision)
        self.kept[request.priority] += 1
        rule = "kept_waiting" if caller.arrival.waiting_list else "kept_for_others"
        decision = self._weighed(rule, request.priority, offer, waiting=waiting)
        return Answer(now, request.id, reason=rule, decision=decision)

    def _weighed(
        self,
        rule: str,
        priority: Priority,
        offer: Offer | None,
        *,
        waiting: float | None = None,
        promised: float | None = None,
    ) -> Decision:
        """What made an answer, rounded for storing."""
        worth = offer.net if offer is not None else promised
        return Decision(
            rule=rule,
            value=VALUE[priority],
            value_now=None if worth is None else round(worth, 4),
            value_waiting=None if waiting is None else round(waiting, 4),
            alternatives=() if offer is None else offer.alternatives,
            scenarios=len(self.futures.scenarios),
        )

    def _offer(self, columns: Ints, km: Floats, value: int) -> Offer | None:
        """The free column that costs the others least, among those that no promise needs."""
        spare = self.promises.spare()
        if spare is not None and len(columns):
            may = np.array([bool(spare >> column & 1) for column in columns.tolist()], dtype=np.bool_)
            columns, km = columns[may], km[may]
        if not len(columns):
            return None
        return best_offer(self.desk.table, self.futures, columns, km, value=value, now=self._now)

    # Requests that wait, and promises.

    def _open_item(self, caller: Caller, columns: Ints, *, promised: bool) -> OpenRequest:
        notice = caller.arrival.notice_min if promised else self.settings.waiting_notice_min
        notice_s = float(notice or 0) * 60
        start, quiet = self.desk.table.start, self.settings.quiet_hours
        in_time = [c for c in columns.tolist() if latest_naming(start[c], notice_s, quiet) >= self._now]
        return OpenRequest(
            caller, VALUE[caller.arrival.request.priority], columns_of(in_time), notice_s, promised
        )

    def _register(self, item: OpenRequest) -> None:
        self.open[item.ident] = item
        if item.promised:
            self.promises.add(item)
            self.last_calls.promised(item)
        self._joining.append(item)

    def _join_plans(self) -> None:
        """Let the plans and the last calls know, once the caller has the answer, of who stays open."""
        for item in self._joining:
            if self.open.get(item.ident) is item:
                self.last_calls.watch(item.notice_s, self._now)
                self.futures.add(item)
        self._joining.clear()

    def _unregister(self, ident: str) -> None:
        if self.open.pop(ident, None) is not None:
            self.promises.drop(ident)
            self.futures.drop(ident)

    def _suits(self, item: OpenRequest, column: int) -> bool:
        """Whether a slot that opens now suits an open request, and can be named to it in time."""
        table, s = self.desk.table, self.settings
        least = item.notice_s if item.promised else min(item.notice_s, 60 * s.least_notice_min)
        in_time = latest_naming(float(table.start[column]), least, s.quiet_hours) >= self._now
        return in_time and table.suits(item.caller.need, column)

    def follow_up(self, now: datetime) -> Iterator[Answer]:
        """Offer what has just opened to the waiting list, P1 first, then in order of arrival.

        Plans are brought up to date here and in `wake` before the first answer is asked for.
        """
        if not self._live:
            return iter(())
        self._now = now.timestamp()
        self._join_plans()
        self._forget_the_gone()
        opened = columns_of(self._opened)
        self._opened.clear()
        if not opened or self.futures.stale or is_quiet(self._now, self.settings.quiet_hours):
            return iter(())
        return self._offers_to_the_waiting(opened, now)

    def _offers_to_the_waiting(self, opened: int, now: datetime) -> Iterator[Answer]:
        waiting = [item for item in self.open.values() if not item.promised and item.columns & opened]
        for item in sorted(waiting, key=lambda item: item.caller.arrival.request.priority):
            answer = self._serve_waiting(item, now)
            if answer is not None:
                yield answer
                self._unregister(item.ident)

    def _serve_waiting(self, item: OpenRequest, now: datetime) -> Answer | None:
        request = item.caller.arrival.request
        value = VALUE[request.priority]
        columns, km = self.desk.table.suitable(item.caller.need, self._now)
        self.futures.drop(item.ident)
        offer = self._offer(columns, km, value)
        waiting = value - self.futures.cheapest(item.columns, cap=float(value))
        self.futures.add(item)
        rule = None if offer is None else self._rule_for_giving(request.priority, offer, waiting)
        if offer is None or rule is None:
            return None
        decision = self._weighed(rule, request.priority, offer, waiting=waiting)
        return Answer(now, request.id, (offer.slot,), reason="served_from_waiting_list", decision=decision)

    def _forget_the_gone(self) -> None:
        for ident, item in list(self.open.items()):
            too_late = item.caller.need.deadline < self._now and not item.promised
            if item.caller.gone or too_late:
                self._unregister(ident)

    # Acting on time.

    def next_wake(self) -> datetime | None:
        """The next last call, the next refresh of a future, or just after a slot began.

        Plans forget what began before a caller asks, not while one does.
        """
        if not self._live:
            return None
        began = max(self.desk.next_start() + JUST_AFTER_S, self._now)
        moment = min(self.futures.next_refresh, self.last_calls.next(), began)
        return datetime.fromtimestamp(moment, self._zone)

    def wake(self, now: datetime) -> Iterator[Answer]:
        """Give the slots that reach a last call; report the promises that can no longer be kept."""
        self._now = now.timestamp()
        self._join_plans()
        self._forget_the_gone()
        self.futures.advance(self._now)
        return self._last_words(now)

    def _last_words(self, now: datetime) -> Iterator[Answer]:
        for column, notice_s in self.last_calls.due(self._now + TICK_S):
            answer = self._last_call(column, notice_s, now)
            if answer is not None:
                yield answer
                self._unregister(answer.request)
        for ident in self.last_calls.overdue(self._now + TICK_S):
            item = self.open.get(ident)
            if item is not None and item.promised:
                self._unregister(ident)
                yield Answer(now, ident, reason="promise_broken", broken=True)

    def close(self, now: datetime) -> Iterator[Answer]:
        """The stream ends: name a slot for every promise that can be kept, and give the rest to who waits."""
        if not self._live:
            return
        self._now = now.timestamp()
        self._forget_the_gone()
        items = list(self.open.values())
        for ident, column in best_closing(self.desk.table, items, self._now).items():
            reason = "promise_named" if self.open[ident].promised else "served_from_waiting_list"
            yield Answer(now, ident, (self.desk.table.slot_at(column).id,), reason=reason)
            self._unregister(ident)

    def _last_call(self, column: int, notice_s: float, now: datetime) -> Answer | None:
        """A slot reaches the last moment at which some may be told: give it, or those lose it."""
        candidates = [item for item in self.open.values() if item.columns >> column & 1]
        chosen = self._most_in_need(column, candidates) if candidates else None
        if chosen is not None and chosen.notice_s >= notice_s:
            reason = "promise_named" if chosen.promised else "served_from_waiting_list"
            return Answer(now, chosen.ident, (self.desk.table.slot_at(column).id,), reason=reason)
        for item in candidates:
            if item.notice_s >= notice_s:
                item.columns &= ~(1 << column)
                self.futures.forbid(item.ident, column)
                if item.promised:
                    self.promises.forbid(item.ident, column)
        return None

    def _most_in_need(self, column: int, candidates: list[OpenRequest]) -> OpenRequest | None:
        """Who should have this slot: least loss against the best plans, the nearest of equals.

        None for nobody.
        """
        allowed = [item for item in candidates if self.promises.allows(item, column)]
        if len(allowed) > self.settings.weighed:
            keep = ~(1 << column)
            allowed = sorted(allowed, key=lambda item: item.columns.bit_count())[:RANKED]
            urgency = {i.ident: self.futures.cheapest(i.columns & keep, cap=float(i.weight)) for i in allowed}
            allowed = sorted(allowed, key=lambda item: -urgency[item.ident])[: self.settings.weighed]
        if not allowed:
            return None
        one = np.array([column])
        losses = self.futures.losses_of_pairing(allowed, column)
        km = np.array([self.desk.table.distance(item.caller.need, one)[0] for item in allowed])
        best = int(np.argmin(losses + self.settings.km_price_named * km))
        return allowed[best] if losses[best] <= self.futures.loss_without(column) + TICK_S else None
