"""What may be asked is a closed list, every member of it is said in French, and none of it names anybody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regulation.indicators import wording
from regulation.indicators.definition_json import from_json, to_json
from regulation.indicators.estimates import avoided
from regulation.indicators.facts import (
    Cell,
    Condition,
    Definition,
    Dimension,
    Measure,
    Population,
    Query,
    Sense,
    Statistic,
    Target,
    Unit,
)
from regulation.indicators.reading import CLASSES, VIEWS
from regulation.indicators.ready import READY
from regulation.indicators.rules import checked_code, checked_definition, checked_query, target_met
from regulation.indicators.vocabulary import (
    CONDITIONS,
    DIMENSIONS,
    MEASURES,
    POPULATIONS,
    POSSIBLE,
    STATISTICS,
    UNITS,
    VALUES,
)
from snp.errors import InvalidValue

PROFESSIONS = frozenset({"medecin_generaliste"})
NAMING = ("practitioner", "site", "organisation", "commune", "insee", "author", "patient", "rpps", "phone")
LOST = Query(Population.SLOT, Statistic.COUNT, Condition.LOST)
LOST_SHARE = Query(Population.SLOT, Statistic.SHARE, Condition.LOST)


def test_no_dimension_names_anybody() -> None:
    """No ranking of practitioners: there is nothing to group or narrow by that holds one, or his place."""
    assert set(Dimension) == {"profession", "mode", "origin", "disposition", "priority"}
    for population in Population:
        assert set(POSSIBLE[population].dimensions) <= set(Dimension)
    for dimension in Dimension:
        assert not any(name in dimension for name in NAMING)


def test_no_view_that_is_cut_or_narrowed_holds_a_practitioner_or_a_place() -> None:
    for view in VIEWS.values():
        columns = set(view.c.keys()) - {"territory_id", "person_key"}
        assert not any(name in column for column in columns for name in NAMING), view.name


def test_a_definition_cannot_ask_for_a_practitioner() -> None:
    document = to_json(Definition("Essai", "", LOST))
    for name in ("practitioner", "practitioner_id", "site", "organisation"):
        with pytest.raises(InvalidValue):
            from_json(document | {"split": name})
        with pytest.raises(InvalidValue):
            from_json(document | {"filters": {name: ["x"]}})
        with pytest.raises(InvalidValue):
            from_json(document | {name: "x"})


def test_every_word_of_the_closed_lists_is_said_in_french() -> None:
    assert set(POPULATIONS) == set(POSSIBLE) == set(Population)
    assert set(STATISTICS) == set(Statistic)
    assert set(CONDITIONS) == set(Condition)
    assert set(MEASURES) == set(Measure)
    assert set(DIMENSIONS) == set(Dimension) == {*VALUES, Dimension.PROFESSION}
    assert set(UNITS) == set(Unit)
    assert set(CLASSES) == set(Condition) - {Condition.NO_MT}


def test_the_ready_set_is_valid_and_comes_back_from_json_as_it_went() -> None:
    for code, definition in READY.items():
        assert checked_code(code) == code
        assert checked_definition(definition, PROFESSIONS) == definition
        assert from_json(to_json(definition)) == definition
        assert wording.say_query(definition.query, {}).endswith(".")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (Query(Population.SLOT, Statistic.MEDIAN, measure=Measure.DELAY), "statistic"),
        (Query(Population.SLOT, Statistic.COUNT, Condition.NO_SHOW), "condition"),
        (Query(Population.SLOT, Statistic.SHARE), "condition"),
        (Query(Population.SLOT, Statistic.HOURS, Condition.LOST), "condition"),
        (Query(Population.NEED, Statistic.MEDIAN), "measure"),
        (Query(Population.NEED, Statistic.MEDIAN, measure=Measure.DISTANCE), "measure"),
        (Query(Population.NEED, Statistic.COUNT, measure=Measure.DELAY), "measure"),
        (Query(Population.NEED, Statistic.COUNT, Condition.WITHIN_24), "condition"),
        (Query(Population.VISIT, Statistic.SHARE, Condition.NO_MT), "condition"),
    ],
)
def test_a_question_whose_parts_do_not_go_together_is_refused(query: Query, field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        checked_query(query)
    assert refused.value.fields["field"] == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "x"}, "name"),
        ({"split": Dimension.ORIGIN}, "split"),
        ({"period": Unit.DAY}, "period"),
        ({"target": Target(Sense.AT_LEAST, -1)}, "target"),
        ({"target": Target(Sense.AT_LEAST, float("nan"))}, "target"),
        ({"query": replace(LOST, filters={Dimension.PROFESSION: frozenset({"magicien"})})}, "filters"),
        ({"query": replace(LOST, filters={Dimension.PROFESSION: frozenset()})}, "filters"),
        ({"query": replace(LOST, filters={Dimension.ORIGIN: frozenset({"sas"})})}, "filters"),
        ({"query": LOST_SHARE, "target": Target(Sense.AT_MOST, 101)}, "target"),
    ],
)
def test_a_definition_is_refused_by_the_field_at_fault(change: dict[str, object], field: str) -> None:
    definition = replace(Definition("Perdus", "", LOST), **change)
    with pytest.raises(InvalidValue) as refused:
        checked_definition(definition, PROFESSIONS)
    assert refused.value.fields["field"] == field


@pytest.mark.parametrize("code", ["", "A", "é", "a b", "x" * 41, "1a", "rapport", "nouveau"])
def test_a_short_name_that_addresses_cannot_hold_is_refused(code: str) -> None:
    with pytest.raises(InvalidValue):
        checked_code(code)


def test_a_target_is_judged_when_it_can_be() -> None:
    lost = Definition("Perdus", "", LOST, target=Target(Sense.AT_MOST, 10))
    assert target_met(lost, Unit.YEAR, Cell(11), over=False) is False
    assert target_met(lost, Unit.YEAR, Cell(9), over=False) is None, "the year is not over"
    assert target_met(lost, Unit.YEAR, Cell(9), over=True) is True
    assert target_met(lost, Unit.MONTH, Cell(9), over=True) is None, "the target is a year's"
    assert target_met(lost, Unit.YEAR, Cell(masked=True), over=True) is None
    delay = READY["delai-median"]
    delay = replace(delay, target=Target(Sense.AT_MOST, 24))
    assert target_met(delay, Unit.MONTH, Cell(23.5 * 60), over=False) is True
    assert target_met(delay, Unit.MONTH, Cell(25 * 60), over=False) is False
    assert target_met(READY["delai-median"], Unit.YEAR, Cell(1), over=True) is None


def test_the_estimate_says_its_range_and_its_source() -> None:
    assert avoided(100) == (20.0, 0.0, 22.0)
    assert avoided(0) == (0.0, 0.0, 0.0)
    told = wording.say_query(READY["urgences-evitees"].query, {})
    assert "SAMU 78" in told
    assert "Estimation, non une mesure" in READY["urgences-evitees"].description
