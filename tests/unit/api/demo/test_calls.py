from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from api.demo.calls import calls_of_day, every_day, open_calls
from api.demo.cast import MONTAIGU, RETZ
from api.demo.facts import Path
from snp.days import SnpHours, is_snp_hours, local_day
from snp.directory.facts import CommuneView

HOURS = SnpHours()
COMMUNES = [
    CommuneView("44131", "Pornic", ("44210",), "44", 18745, 47.1, -2.1),
    CommuneView("44136", "Préfailles", ("44770",), "44", 1321, 47.1, -2.2),
]
YEAR = list(every_day(date(2026, 1, 1), date(2026, 12, 31)))


def calls(day, territory=RETZ, seed=1):
    return calls_of_day(
        day,
        territory,
        COMMUNES,
        hours=HOURS,
        desks=["pharmacy-1"],
        physio_desks=["carer-301"] if territory == RETZ else [],
        seed=seed,
    )


def test_a_seed_and_a_day_give_the_same_calls():
    day = date(2026, 11, 24)
    assert calls(day) == calls(day)
    assert calls(day) != calls(day, seed=2)
    assert calls(day) != calls(day + timedelta(days=1))


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 12, 25)])
def test_nobody_calls_on_a_day_without_care(day):
    assert calls(day) == []


def test_every_call_is_within_the_hours_of_care_and_in_order():
    for day in YEAR[::9]:
        instants = [call.at for call in calls(day)]
        assert instants == sorted(instants)
        assert all(is_snp_hours(at, HOURS) and local_day(at) == day for at in instants)


def test_a_year_looks_like_what_the_two_organisations_report():
    tuesdays = [len(calls(day, MONTAIGU)) for day in YEAR if day.weekday() == 1 and calls(day, MONTAIGU)]
    mondays = [len(calls(day, MONTAIGU)) for day in YEAR if day.weekday() == 0 and calls(day, MONTAIGU)]
    assert 10 <= sum(tuesdays) / len(tuesdays) <= 12
    assert sum(mondays) / len(mondays) > sum(tuesdays) / len(tuesdays)
    paths = Counter(call.path for day in YEAR for call in calls(day, MONTAIGU))
    assert 0.40 <= paths[Path.ADVICE] / paths.total() <= 0.50
    assert 0.33 <= (paths[Path.SNP] + paths[Path.DESK]) / paths.total() <= 0.43


def test_open_calls_are_of_the_last_three_hours():
    now = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
    found = open_calls(now, RETZ, COMMUNES, count=14, seed=1)
    assert len(found) == 14
    assert all(now - timedelta(hours=3) <= call.at <= now - timedelta(minutes=20) for call in found)
    assert {call.path for call in found} == {Path.SNP, Path.TELECONSULTATION}
    assert any(call.max_km for call in found)
