"""Who is told of a rota: proposals, answers, turns that changed, volunteers sought, what waits for a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from regulation.messages import service as messages
from regulation.messages.facts import Kind, Letter, Medium
from slots.agenda import service as agenda
from slots.rota import service as rota
from snp.directory import service as directory
from snp.notifications import service as outbox
from snp.notifications.facts import Unneeded
from snp.notifications.rules import RetryPolicy
from tests.support.directory import NOW
from tests.support.regulation import KEYS
from tests.support.rota import BY, an_msp

pytestmark = pytest.mark.database
DESK = messages.Desk(KEYS, "https://agenda.example")
SPLITTERS = {
    "rota.swap_proposed": messages.swap_proposed,
    "rota.swap_answered": messages.swap_answered,
    "rota.offer_answered": messages.rota_offer_answered,
    "rota.turns_changed": messages.turns_changed,
}
NIGHT_IS_OVER = NOW + timedelta(days=1)


def leave(session, now=NIGHT_IS_OVER):
    """What leaves: events split, letters written, by kind and address."""
    found, media = {}, frozenset(Medium)
    while taken := outbox.take_others(session, media, now=now, limit=1):
        (event,) = taken
        if event.topic in SPLITTERS:
            SPLITTERS[event.topic](session, event, now)
        outbox.settle(session, event, Unneeded("done"), policy=RetryPolicy(), chance=0, now=now)
    now += timedelta(days=1)
    while (message := outbox.claim(session, media, now=now)) is not None:
        made = messages.compose(session, message, DESK, now - timedelta(days=1))
        if isinstance(made, Letter):
            found[Kind(message.payload["kind"]), made.to] = made
        outbox.settle(session, message, Unneeded("done"), policy=RetryPolicy(), chance=0, now=now)
    return found


def email(msp, who):
    return f"garde{msp.doctors.index(who)}@example.org"


@pytest.fixture
def msp(session):
    """Four doctors whose rota is in force, and nothing left to tell."""
    made = an_msp(session)
    rota.confirm_plan(session, made.plan(session).id, **BY)
    told = leave(session)
    assert set(told) == {(Kind.CARER_ROTA_CHANGED, email(made, who)) for who in made.doctors}
    return made


def last_turn_of(session, msp, who):
    return [turn for shift in msp.shifts(session) for turn in shift.turns if turn.practitioner_id == who][-1]


def test_an_exchange_is_told_to_who_must_answer_then_to_who_proposed(session, msp):
    giver, asked = msp.doctors[:2]
    turn = last_turn_of(session, msp, giver)
    swap = rota.propose_swap(session, turn.id, asked, **BY)
    told = leave(session)
    letter = told[Kind.CARER_ROTA_SWAP, email(msp, asked)]
    assert len(told) == 1
    assert "https://agenda.example/agenda/gardes" in letter.text
    assert "Garde" not in letter.text.replace("garde", "")
    rota.accept_swap(session, swap.id, **BY)
    assert leave(session)[Kind.CARER_ROTA_ANSWERED, email(msp, giver)].subject == "Échange de garde accepté"


def test_what_was_withdrawn_meanwhile_is_told_to_nobody(session, msp):
    giver, asked = msp.doctors[:2]
    swap = rota.propose_swap(session, last_turn_of(session, msp, giver).id, asked, **BY)
    rota.withdraw_swap(session, swap.id, **BY)
    assert leave(session) == {}


def test_a_repair_that_waits_is_told_once_then_its_turns_to_those_they_concern(session, msp):
    territory = directory.get_territory(session, msp.rota.territory_id)
    ill = msp.doctors[0]
    agenda.add_absence(session, ill, NOW, NOW + timedelta(days=20), **BY)
    asked = rota.ask_repair(session, msp.rota.id, **BY)
    assert messages.queue_rotas(session, territory, now=NOW) == 0
    msp.solved(session, asked.id)
    assert [messages.queue_rotas(session, territory, now=NOW) for _ in range(2)] == [1, 0]
    letter = leave(session)[Kind.COORDINATOR_ROTA_REPAIR, "coordination@example.org"]
    assert f"/coordination/roulement/{msp.rota.id}" in letter.text
    rota.confirm_plan(session, asked.id, **BY)
    told = leave(session)
    assert (Kind.CARER_ROTA_CHANGED, email(msp, ill)) in told
    assert all(kind is Kind.CARER_ROTA_CHANGED for kind, _ in told)


def test_volunteers_are_sought_once_a_week_among_those_who_may_and_answered(session):
    msp = an_msp(session, doctors=3, takes_volunteers=False, most_per_week=1)
    rota.confirm_plan(session, msp.plan(session).id, **BY)
    leave(session)
    assert messages.queue_volunteers(session, msp.rota, now=NOW) == 0  # each holds his one turn a week
    rota.change_rota(session, msp.rota.id, replace(msp.rota.details, most_per_week=2))
    assert messages.queue_volunteers(session, msp.rota, now=NOW) == 3
    assert messages.queue_volunteers(session, msp.rota, now=NOW + timedelta(hours=1)) == 0
    told = leave(session)
    assert {kind for kind, _ in told} == {Kind.CARER_ROTA_VOLUNTEERS}
    assert "7 gardes à pourvoir" in {letter.subject for letter in told.values()}
    short = rota.short_shifts(session, msp.rota.id, now=NOW)[0]
    near = short.start - timedelta(days=1)
    assert messages.queue_volunteers(session, msp.rota, now=near) >= 1

    free = next(who for who in msp.doctors if not rota.what_keeps(session, short, who, now=NOW))
    offer = rota.offer_to_hold(session, short.id, free, **BY)
    territory = directory.get_territory(session, msp.rota.territory_id)
    assert messages.queue_rotas(session, territory, now=NOW) == 1
    assert (Kind.COORDINATOR_ROTA_OFFER, "coordination@example.org") in leave(session)
    rota.accept_offer(session, offer.id, **BY)
    assert "est à vous" in leave(session)[Kind.CARER_ROTA_ANSWERED, email(msp, free)].text
