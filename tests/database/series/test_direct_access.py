"""Sessions without a prior diagnosis, counted over a person's series: refused at the ninth, clearly."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session

from regulation.orientation.facts import DeskOutcome
from regulation.series import service as series
from regulation.series.facts import PassReason, SeriesTerms
from regulation.series.refusals import DirectAccessExhausted, DirectAccessNotAllowed
from snp.errors import InvalidValue
from tests.support.regulation import KEYS, NOW, a_cpts, a_patient
from tests.support.series import Physios

pytestmark = pytest.mark.database
NONE = SeriesTerms(diagnosed=False)


@pytest.fixture
def team(session: Session) -> Physios:
    made = Physios(a_cpts(session))
    series.set_physio_terms(
        session, takes_patients=None, direct_access_since=date(2026, 1, 1), by=made.a, now=NOW
    )
    return made


def had(count: int, first: date) -> SeriesTerms:
    return SeriesTerms(diagnosed=False, sessions_elsewhere=count, first_elsewhere_on=first)


def test_a_physio_says_whether_there_is_a_diagnosis(team: Physios):
    with pytest.raises(InvalidValue):
        team.ask(by=team.b)
    told = team.ask(by=team.b, terms=SeriesTerms(diagnosed=True))
    assert told.outcome is DeskOutcome.PROPOSALS


@pytest.mark.parametrize("department", ["44", "85"])
def test_it_is_refused_where_the_territory_does_not_take_part(team: Physios, department: str):
    if department == "44":
        team.allow_direct_access(department="44")
    with pytest.raises(DirectAccessNotAllowed):
        team.ask(by=team.b, terms=NONE)


def test_only_who_declared_himself_is_proposed(team: Physios):
    team.allow_direct_access()
    team.slots(team.bob, 1, clock="8:30")
    (mine,) = team.slots(team.anne, 1)
    told = team.ask(by=team.b, terms=NONE, sessions=1)
    assert told.proposals is not None
    assert [one.slots[0].slot_id for one in told.proposals.proposals] == [mine]


def test_the_ninth_is_refused_with_the_day_of_the_next_episode(team: Physios):
    team.allow_direct_access()
    first = date(2026, 11, 1)
    told = team.ask(by=team.b, terms=had(7, first), sessions=1)
    assert told.outcome is DeskOutcome.PROPOSALS
    with pytest.raises(DirectAccessExhausted) as refusal:
        team.ask(by=team.b, terms=had(7, first), sessions=2)
    assert "8 séances au plus" in refusal.value.sentence
    assert "1er\u00a0février 2027" in refusal.value.sentence
    prescribed = SeriesTerms(diagnosed=True, diagnosed_on=date(2026, 11, 20))
    assert team.ask(by=team.b, terms=prescribed, sessions=2).outcome is DeskOutcome.PROPOSALS


def test_the_sessions_of_all_series_of_a_person_are_counted(team: Physios):
    team.allow_direct_access()
    patient = a_patient()
    team.booked(
        team.slots(team.anne, 1, 3), by=team.b, patient=patient, terms=had(5, NOW.date() - timedelta(days=9))
    )
    again = had(5, NOW.date() - timedelta(days=9))
    team.ask(by=team.b, patient=patient, terms=again, sessions=1)
    with pytest.raises(DirectAccessExhausted):
        team.ask(by=team.b, patient=patient, terms=again, sessions=2)
    team.ask(by=team.b, patient=a_patient(), terms=NONE, sessions=2)


def test_an_added_session_is_counted_too(team: Physios, session: Session):
    team.allow_direct_access()
    first, _ = team.booked(
        team.slots(team.anne, 1, 3), by=team.b, terms=had(6, NOW.date() - timedelta(days=9))
    )
    (more,) = team.slots(team.anne, 6)
    with pytest.raises(DirectAccessExhausted):
        series.add_session(session, first.request_id, more, keys=KEYS, by=team.a, now=NOW)


def test_a_series_without_diagnosis_goes_only_to_a_declared_colleague(team: Physios, session: Session):
    team.allow_direct_access()
    first, _ = team.booked(team.slots(team.anne, 1, 3), by=team.b, terms=NONE)
    offer = series.propose_pass(session, first.request_id, team.bob.id, PassReason.LOAD, by=team.a, now=NOW)
    taken = team.slots(team.bob, 1, 3, clock="8:30")
    with pytest.raises(DirectAccessNotAllowed):
        series.accept_pass(session, offer.id, taken, keys=KEYS, by=team.b, now=NOW)


def test_a_day_after_the_end_of_the_territory_s_period_is_refused(team: Physios):
    team.allow_direct_access(until=date(2026, 11, 25))
    slots = team.slots(team.anne, 1, 3)
    with pytest.raises(DirectAccessNotAllowed):
        team.ask(by=team.b, terms=NONE, sessions=2, slot_ids=tuple(slots))
