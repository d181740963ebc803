"""The short fault campaign: processes of the real service are killed while clients book."""

from __future__ import annotations

from bench.faults.__main__ import SHORT, campaign


def test_what_was_acknowledged_outlives_kills_of_the_api_its_leader_and_the_database() -> None:
    *kinds, whole = campaign(short=True, times=1, seed=1)

    assert [row["injected"] for row in kinds] == [1] * len(SHORT)
    assert all(row["longest recovery s"] != "never" for row in kinds)
    assert whole["found"] == whole["acknowledged"] > 0
    assert (whole["lost"], whole["doubled"]) == (0, 0)
    assert whole["note"].startswith("1 leader")
    assert "not settled" not in whole["note"]
