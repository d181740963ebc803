from collections import Counter
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from api.demo.accounts import PASSWORD, SIGN_INS
from api.demo.facts import DEFAULT_SEED
from api.demo.running import DemoRefused, assign_demo, ensure_demo, reset_demo
from api.demo.service import demo_status, load_demo, refresh_demo
from api.demo.stage import DEMO, find_stage
from api.security import service as security
from api.security.facts import Browser, SignedIn
from api.wiring import Wiring
from regulation.intake import service as intake
from regulation.intake.facts import RequestFilter, RequestState
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentStatusKind
from snp.directory.paging import MAX_LIMIT
from snp.platform.actors import Role
from snp.platform.clock import SteppedClock
from snp.platform.db import create_engine
from snp.platform.keys import load_keys
from snp.platform.settings import Environment
from tests.support.directory import a_territory

WEDNESDAY = datetime.fromisoformat("2026-11-25T10:20:00+01:00")
SUNDAY = datetime.fromisoformat("2026-11-22T07:30:00+01:00")
CHRISTMAS = datetime.fromisoformat("2026-12-25T23:50:00+01:00")


@pytest.fixture
def keys(settings):
    return load_keys(settings)


A_BROWSER = Browser(timedelta(hours=1))


def requests(session, now):
    stage = find_stage(session, seed=DEFAULT_SEED, now=now)
    found = []
    for territory_id in stage.territories.values():
        wanted = RequestFilter(territory_id=territory_id)
        found += intake.list_requests(session, wanted, limit=MAX_LIMIT, by=DEMO, now=now).items
    return found


def statuses(session):
    found = appointments.list_appointments(session, AppointmentFilter(), limit=MAX_LIMIT).items
    return {a.id: a.status for a in found}


def test_past_days_are_closed_and_today_lives(session, keys):
    load_demo(session, keys=keys, now=WEDNESDAY, history_days=3)
    found = requests(session, WEDNESDAY)
    states = Counter(request.state for request in found)
    assert states[RequestState.SEEKING] >= 15
    assert states[RequestState.CLOSED] >= 20
    assert states[RequestState.ORIENTED] >= 3
    live = appointments.list_appointments(
        session,
        AppointmentFilter(starts_before=WEDNESDAY, statuses=frozenset({AppointmentStatusKind.BOOKED})),
    ).items
    assert all(WEDNESDAY - a.end < timedelta(minutes=10) for a in live)
    assert AppointmentStatusKind.HONOURED in statuses(session).values()
    for request in found:
        if request.state is RequestState.SEEKING:
            assert request.earliest <= WEDNESDAY < request.deadline
    status = demo_status(session, now=WEDNESDAY)
    assert status.loaded
    assert WEDNESDAY - status.last_call < timedelta(hours=3)


def test_every_role_can_sign_in(session, keys):
    load_demo(session, keys=keys, now=SUNDAY, history_days=0)
    roles = set()
    for account in SIGN_INS:
        signed = security.sign_in(session, account.login, PASSWORD, now=SUNDAY, browser=A_BROWSER, keys=keys)
        assert isinstance(signed, SignedIn)
        roles.add(signed.actor.role)
    assert roles == set(Role) - {Role.PATIENT, Role.SYSTEM}


@pytest.mark.parametrize("now", [SUNDAY, CHRISTMAS])
def test_there_is_something_to_assign_even_when_care_is_closed(committed, clean_database, settings, now):
    service = Wiring(
        settings, create_engine(clean_database, settings), load_keys(settings), SteppedClock(now)
    )
    with service.transaction() as session:
        load_demo(session, keys=service.keys, now=now, history_days=1)
    reports = [report for _, report in assign_demo(service)]
    assert sum(report.figures.requests for report in reports) >= 15
    assert all(report.figures.served > 0 for report in reports)
    assert all(report.figures.served == report.figures.served_within_delay for report in reports)
    unserved = [request for report in reports for request in report.unserved]
    assert unserved
    assert all(request.reasons for request in unserved)
    service.engine.dispose()


def test_coming_back_days_later_adds_days_and_changes_nothing_that_was(session, keys):
    load_demo(session, keys=keys, now=WEDNESDAY, history_days=1)
    before = {request.id: request for request in requests(session, WEDNESDAY)}
    ended = {i: s for i, s in statuses(session).items() if s is not AppointmentStatusKind.BOOKED}
    assert not refresh_demo(session, keys=keys, now=WEDNESDAY + timedelta(minutes=30))
    later = WEDNESDAY + timedelta(days=2, hours=3)
    assert refresh_demo(session, keys=keys, now=later)
    after = {request.id: request for request in requests(session, later)}
    assert before.keys() < after.keys()
    assert ended.items() <= statuses(session).items()
    final = {RequestState.CLOSED, RequestState.ORIENTED, RequestState.CANCELLED}
    assert all(after[i] == request for i, request in before.items() if request.state in final)
    assert sum(request.state is RequestState.SEEKING for request in after.values()) >= 15


def test_the_demonstration_is_refused_in_production_and_beside_a_real_territory(
    committed, clean_database, settings
):
    engine = create_engine(clean_database, settings)
    production = settings.model_copy(update={"environment": Environment.PRODUCTION})
    with pytest.raises(DemoRefused, match="production"):
        ensure_demo(Wiring(production, engine, load_keys(settings), SteppedClock(SUNDAY)))
    service = Wiring(settings, engine, load_keys(settings), SteppedClock(SUNDAY))
    with service.transaction() as session:
        a_territory(session, "une-vraie-cpts")
    for refused in (ensure_demo, reset_demo):
        with pytest.raises(DemoRefused, match="territoire"):
            refused(service)
    engine.dispose()


def test_a_demonstration_changed_by_hand_stays_as_it_is(committed, clean_database, settings):
    engine = create_engine(clean_database, settings)
    service = Wiring(settings, engine, load_keys(settings), SteppedClock(SUNDAY))
    with service.transaction() as session:
        load_demo(session, keys=service.keys, now=SUNDAY, history_days=0)
        before = len(requests(session, SUNDAY))
        session.execute(sa.text("UPDATE organisation SET siret = NULL"))
    service.clock.advance(timedelta(days=2))

    assert ensure_demo(service) is False

    with service.transaction() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM request")) == before
    assert len(assign_demo(service)) == 2
    engine.dispose()
