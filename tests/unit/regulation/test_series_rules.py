"""Which sessions go together, what a sheet and a template may hold, in which order choices stand."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from regulation.series.facts import Choice, Section, SeriesTerms
from regulation.series.rules import (
    LONGEST_TEXT,
    SECTIONS,
    breaks_spacing,
    check_relay,
    check_spacing,
    checked_content,
    checked_sections,
    checked_terms,
    in_plain_order,
)
from regulation.series.templates import shipped
from regulation.triage.lists import physio_list
from snp.errors import InvalidValue

TODAY = date(2026, 11, 24)


def on(*after: int) -> list[date]:
    return [TODAY + timedelta(days=one) for one in after]


@pytest.mark.parametrize(
    ("days", "gaps", "broken"),
    [
        (on(0), (2, 5), False),
        (on(0, 2), (2, 5), False),
        (on(0, 1), (2, 5), True),
        (on(0, 5), (2, 5), False),
        (on(0, 6), (2, 5), True),
        (on(0, 0), (1, 7), True),
        (on(4, 0, 2), (2, 5), False),
        (on(0, 2, 3), (2, 5), True),
    ],
)
def test_days_between_sessions(days: list[date], gaps: tuple[int, int], broken: bool) -> None:
    assert breaks_spacing(days, *gaps) is broken


@pytest.mark.parametrize("gaps", [(0, 3), (4, 3), (1, 31), (31, 31)])
def test_days_that_no_territory_may_set(gaps: tuple[int, int]) -> None:
    with pytest.raises(InvalidValue):
        check_spacing(*gaps)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (SeriesTerms(), "diagnosed"),
        (SeriesTerms(diagnosed=True, diagnosed_on=TODAY + timedelta(days=1)), "diagnosed_on"),
        (SeriesTerms(diagnosed=False, sessions_elsewhere=2), "first_elsewhere_on"),
        (
            SeriesTerms(diagnosed=False, sessions_elsewhere=100, first_elsewhere_on=TODAY),
            "sessions_elsewhere",
        ),
        (SeriesTerms(diagnosed=False, first_elsewhere_on=TODAY + timedelta(days=1)), "first_elsewhere_on"),
    ],
)
def test_grounds_that_are_revised(terms: SeriesTerms, field: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        checked_terms(terms, TODAY)
    assert refusal.value.fields["field"] == field


def test_every_indication_of_the_list_has_a_template() -> None:
    assert {reason.code for reason in physio_list(TODAY).reasons} == set(shipped())
    assert all(tuple(one.code for one in each.sections) == SECTIONS for each in shipped().values())


def test_a_draft_may_be_empty_and_a_finished_sheet_not() -> None:
    assert checked_content({}, None, whole=False).texts == dict.fromkeys(SECTIONS, "")
    for missing in ("findings", "next"):
        texts = {"findings": "a", "next": "b"} | {missing: "  "}
        with pytest.raises(InvalidValue) as refusal:
            checked_content(texts, None, whole=True)
        assert refusal.value.fields["field"] == missing


def test_the_texts_of_a_sheet_are_bounded_and_clean() -> None:
    kept = checked_content(
        {"findings": " a\r\nb\x00\x07 ", "next": "x" * LONGEST_TEXT}, " a@b.fr ", whole=True
    )
    assert kept.texts["findings"] == "a\nb"
    assert kept.email == "a@b.fr"
    assert "a\nb" not in repr(kept)
    with pytest.raises(InvalidValue):
        checked_content({"findings": "x" * (LONGEST_TEXT + 1)}, None, whole=False)
    with pytest.raises(InvalidValue):
        checked_content({}, "pas une adresse", whole=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda all_of: all_of[:-1],
        lambda all_of: [*all_of, all_of[0]],
        lambda all_of: [Section("findings", " ", ""), *all_of[1:]],
        lambda all_of: [Section("findings", "x" * 81, ""), *all_of[1:]],
        lambda all_of: [Section("findings", "x", "", "y" * 2001), *all_of[1:]],
    ],
)
def test_templates_that_are_revised(change) -> None:
    with pytest.raises(InvalidValue):
        checked_sections(change(list(shipped()["trauma"].sections)))


def choice(km: float, *, takes: bool | None = None, name: str = "Z") -> Choice:
    return Choice(uuid4(), name, "", None, km, takes, None)


def test_choices_stand_by_distance_and_who_is_full_is_left_out() -> None:
    far, near, full = choice(9.2, takes=True), choice(1.4), choice(0.1, takes=False)
    assert in_plain_order([far, near, full], uuid4()) == (near, far)


def test_at_one_distance_nobody_is_favoured() -> None:
    both = [choice(3.0, name="Abgrall"), choice(3.3, name="Zimmer")]
    firsts = {in_plain_order(both, UUID(int=number))[0].name for number in range(40)}
    assert firsts == {"Abgrall", "Zimmer"}


@pytest.mark.parametrize(("first", "last"), [(1, 0), (-3, -1), (0, 200)])
def test_relays_that_are_revised(first: int, last: int) -> None:
    with pytest.raises(InvalidValue):
        check_relay(*on(first, last), TODAY)
