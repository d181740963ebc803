"""The research table points at nobody: groups of k, coarse times, pseudonyms that cannot be joined."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.research.facts import NeedRow, ResearchRow
from regulation.research.rules import research_table

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECRET = b"s" * 32


def a_need(number: int = 0, **changes: object) -> NeedRow:
    plain: dict[str, object] = {
        "request_id": UUID(int=number),
        "person": bytes([number % 7]) * 32,
        "decided_at": MONDAY,
        "origin": "regulation",
        "profession": "medecin_generaliste",
        "priority": "P2",
        "outcome": "served",
        "delay_class": "within_24",
        "attendance": "honoured",
        "no_mt": False,
        "km": 7.2,
    }
    return NeedRow(**(plain | changes))


def group(row: ResearchRow) -> tuple[str, ...]:
    return row.period, row.weekday, row.part_of_day, row.profession, row.origin


@given(
    st.lists(
        st.tuples(
            st.integers(0, 60 * 24),
            st.sampled_from(["regulation", "pharmacy"]),
            st.sampled_from(["gp", "physio"]),
        ),
        max_size=120,
    ),
    st.integers(2, 8),
)
def test_every_row_has_k_like_it_and_none_is_told_twice(needs: list[tuple[int, str, str]], k: int) -> None:
    rows = [
        a_need(n, decided_at=MONDAY + timedelta(hours=hours), origin=origin, profession=profession)
        for n, (hours, origin, profession) in enumerate(needs)
    ]

    table = research_table(rows, secret=SECRET, k=k)

    sizes = Counter(map(group, table.rows))
    assert all(size >= k for size in sizes.values())
    assert table.smallest_group == min(sizes.values(), default=0)
    assert len(table.rows) + table.left_out == len(rows)
    assert len({row.need for row in table.rows}) == len(table.rows)


def test_a_small_week_is_told_by_its_month_and_a_small_month_not_at_all() -> None:
    full = [a_need(n) for n in range(5)]
    scattered = [a_need(10 + n, decided_at=MONDAY - timedelta(days=7 + n)) for n in range(5)]
    lonely = [a_need(20, decided_at=MONDAY - timedelta(days=60))]

    table = research_table([*full, *scattered, *lonely], secret=SECRET)

    assert Counter(row.period for row in table.rows) == {"2026-S48": 5, "mois 2026-11": 5}
    assert (table.coarsened, table.left_out, table.smallest_group) == (5, 1, 5)


def test_another_secret_makes_pseudonyms_that_cannot_be_joined() -> None:
    needs = [a_need(n) for n in range(7)]

    one, two = (research_table(needs, secret=secret) for secret in (b"a" * 32, b"b" * 32))

    assert {row.need for row in one.rows}.isdisjoint(row.need for row in two.rows)
    assert {row.person for row in one.rows}.isdisjoint(row.person for row in two.rows)


def test_who_was_forgotten_has_no_pseudonym_and_distances_are_bands() -> None:
    needs = [a_need(n, person=None, km=km) for n, km in enumerate((0.0, 4.99, 5.0, 19.9, 20.0, None))]

    rows = research_table(needs, secret=SECRET).rows

    assert {row.person for row in rows} == {""}
    assert Counter(row.travel for row in rows) == {
        "0-5 km": 2,
        "5-10 km": 1,
        "10-20 km": 1,
        "20 km et plus": 1,
        "": 1,
    }


def test_a_group_of_one_is_a_person() -> None:
    with pytest.raises(ValueError, match="two"):
        research_table([], secret=SECRET, k=1)
