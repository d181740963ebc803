"""Generators draw what their parameters say, comparisons are fair, and reports carry their assumptions."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from snp.assignment.live_policies import PolicyName
from snp.assignment.stream import RequestArrived, SlotPublished
from snp.simulation.compare import Contestant, Figure, compare, figure, scores, student_975
from snp.simulation.facts import Commune, ExtraSlots, TerritoryParameters, described
from snp.simulation.plots import bars, distributions
from snp.simulation.region import RegionScene, region_week
from snp.simulation.reports import as_csv, as_json, difference, outcomes, plots
from snp.simulation.territory import Territory, requests_per_week
from tests.support.streams import MONDAY, tiny

COMMUNES = (Commune("Pornic", 18_745, 47.1158, -2.1033), Commune("Sainte-Pazanne", 7_201, 47.1035, -1.8104))
SMALL = replace(TerritoryParameters(), days=5, history_days=3, gps=6, physios=2)
FCFS = Contestant("fcfs", PolicyName.FCFS)


def territory(*extra: ExtraSlots) -> Territory:
    return Territory("avec" if extra else "sans", COMMUNES, SMALL, MONDAY, extra)


def test_the_same_seed_draws_the_same_stream() -> None:
    assert region_week(3, tiny()) == region_week(3, tiny())
    assert territory().stream(3) == territory().stream(3)
    assert region_week(3, tiny()) != region_week(4, tiny())


def test_events_stand_in_time_order() -> None:
    for stream in (region_week(5, tiny()), territory().stream(5)):
        moments = [event.at for event in stream.events]
        assert moments == sorted(moments)


def test_more_slots_leave_the_calls_as_they_were() -> None:
    before, after = territory().stream(1), territory(ExtraSlots(3, "medecin_generaliste", 2, 0)).stream(1)
    calls = [[e for e in s.events if isinstance(e, RequestArrived)] for s in (before, after)]
    slots = [[e for e in s.events if isinstance(e, SlotPublished)] for s in (before, after)]
    assert calls[0] == calls[1]
    assert len(slots[1]) > len(slots[0])


def test_pays_de_retz_needs_thirty_odd_slots_a_week() -> None:
    whole = Territory("PdR", (Commune("PdR", 98_000, 47.1, -2.0),), TerritoryParameters(), MONDAY)
    assert 28 < requests_per_week(whole)[0] < 38


def test_every_parameter_tells_its_range_and_source() -> None:
    for item in described(TerritoryParameters()):
        assert item.low <= item.default <= item.high, item.name
        assert item.source
        assert item.meaning


def test_an_interval_is_students() -> None:
    assert student_975(9) == pytest.approx(2.262, abs=0.01)
    assert student_975(19) == pytest.approx(2.093, abs=0.005)
    assert figure([1.0, 2.0, 3.0, 4.0]).mean == 2.5
    assert figure([2.0, 2.0, 2.0]).half_width == 0.0


def test_a_comparison_reports_every_run() -> None:
    done: list[int] = []
    scene = RegionScene("tiny", tiny())
    runs = compare(
        [scene], [FCFS, Contestant("nearest", PolicyName.NEAREST)], range(2), done=lambda: done.append(1)
    )
    assert len(runs) == 4
    assert len(done) == 2
    assert all(0 < score <= 1 for score in scores(runs, "tiny", "fcfs"))
    assert {item.policy for item in outcomes(runs)} == {"fcfs", "nearest"}


def test_a_what_if_is_answered_by_paired_seeds() -> None:
    runs = compare([territory(), territory(ExtraSlots(6, "medecin_generaliste", 3, 0))], [FCFS], range(3))
    assert difference(runs, "sans", "avec", "fcfs").mean >= 0


def test_reports_carry_assumptions_rows_and_plots() -> None:
    runs = compare([territory()], [FCFS], range(2))
    document = json.loads(as_json(runs, SMALL))
    assert {item["name"] for item in document["parameters"]} >= {"no_show", "monday", "summer_demand"}
    assert as_csv(runs).count("\n") == 3
    for svg in plots(runs).values():
        assert ET.fromstring(svg).tag.endswith("svg")


def test_plots_stand_empty_samples() -> None:
    for svg in (
        bars("rien", {}),
        bars("un", {"a": Figure(1.0, float("inf"))}),
        distributions("rien", {"a": []}),
    ):
        assert ET.fromstring(svg).tag.endswith("svg")
