"""What PostgreSQL reads of the past to answer a work: rows visited, and tables read from end to end.

Rows do not depend on how busy a machine is: a work whose rows do not grow with the years does not grow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import ClientCursor

from bench.history.past import GROWING
from bench.load.statements import listening

_EXPLAINED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")
MANY_ROWS = 100_000
"""From how many rows on a table or an index read without a condition counts: less is read whole by choice."""


@dataclass(frozen=True, slots=True)
class Plans:
    """What a work sent and what was read for it, in the tables that the years fill."""

    statements: int
    rows: int
    end_to_end: tuple[tuple[str, str], ...]
    """Table, and the statement on one line."""


def look(engine: sa.Engine, address: str, work: Callable[[], object]) -> Plans:
    """Do a work once, then have each statement that it sent explained, with the values that it had."""
    with listening(engine, sent := []):
        work()
    asked = {text: values for text, values in sent if text.lstrip().upper().startswith(_EXPLAINED)}
    rows, found = 0, []
    with psycopg.connect(address, cursor_factory=ClientCursor) as connection:
        for text, values in asked.items():
            nodes = [one for one in _nodes(_plan(connection, text, values)) if _is_of_the_past(one)]
            rows += sum(map(_visited, nodes))
            tables = sorted({one["Relation Name"] for one in nodes if _is_end_to_end(one)})
            found += [(table, " ".join(text.split())) for table in tables]
        connection.rollback()
    return Plans(len(asked), rows, tuple(found))


def _plan(connection: psycopg.Connection[Any], text: str, values: Any) -> Mapping[str, Any]:
    """The plan with what it read; without that where its rows would stand on rolled back ones."""
    for options in ("ANALYZE, TIMING off, FORMAT json", "FORMAT json"):
        try:
            with connection.transaction(force_rollback=True):
                row = connection.execute(f"EXPLAIN ({options}) {text}", values or None).fetchone()  # type: ignore[arg-type]
        except psycopg.IntegrityError:
            continue
        assert row is not None
        plan: Mapping[str, Any] = row[0][0]["Plan"]
        return plan
    raise AssertionError("unreachable")


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for part in node.get("Plans", ()):
        yield from _nodes(part)


def _is_of_the_past(node: Mapping[str, Any]) -> bool:
    return node["Node Type"].endswith("Scan") and node.get("Relation Name") in GROWING


def _visited(node: Mapping[str, Any]) -> int:
    """How many rows a scan read, those that it threw away included; what was planned where it did not run."""
    if "Actual Rows" not in node:
        return int(node["Plan Rows"])
    thrown = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return round(node["Actual Loops"] * (node["Actual Rows"] + sum(node.get(key, 0) for key in thrown)))


def _is_end_to_end(node: Mapping[str, Any]) -> bool:
    if "Index Cond" in node or node["Node Type"] == "Bitmap Heap Scan":
        return False
    return _visited(node) > MANY_ROWS
