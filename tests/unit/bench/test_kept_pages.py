"""Pages of figures keep, with its date, what was not measured this time."""

from __future__ import annotations

from bench import growth, kept, report_load
from bench.faults.counting import Count
from bench.faults.lines import AFTER, line
from bench.kept import Section
from bench.tables import NOT_MEASURED
from snp.platform.settings import Settings


def test_a_part_that_was_not_measured_keeps_its_text_and_its_date() -> None:
    before = "# Page\n\n## Old\n\nfrom before\n\n## Dated\n\n*Measured 1 May 2026, a machine.*\n\nkept\n"
    parts = [
        Section("## Dated\n\nintro\n", NOT_MEASURED, "absent"),
        Section("## Old\n\nintro\n", NOT_MEASURED, "absent"),
        Section("## New\n\nintro\n", NOT_MEASURED, "absent"),
        Section("## Always\n", "| 1 |\n"),
    ]
    dated, old, new, always = kept.page("# Page\n", parts, before).split("\n## ")[1:]

    assert "*Measured 1 May 2026, a machine.*" in dated
    assert "kept" in dated
    assert "*Measured before " in old
    assert "from before" in old
    assert new == "New\n\nintro\n\nNot measured.\n"
    assert always == "Always\n\n| 1 |\n"


def test_a_page_made_twice_is_the_same() -> None:
    parts = [Section("## Old\n\nintro\n", NOT_MEASURED, "absent"), Section("## Now\n\nintro\n", "| 1 |\n")]
    once = kept.page("# Page\n", parts, "# Page\n\n## Old\n\nintro\n\n| 7 |\n")

    assert kept.page("# Page\n", parts, once) == once
    assert "| 7 |" in once


def test_a_campaign_says_its_form_and_what_did_not_come_back() -> None:
    rows = [
        line("kill", times=1, seen=Count(10, 9, 0), recovery=[1.0]),
        line("restart", times=1, seen=Count(5, 5, 0), recovery=[None]),
        line(AFTER, times=2, seen=Count(15, 14, 0), recovery=[]),
    ]
    text = report_load.told({"form": "short", "seed": 4, "times": 3, "seconds": 61, "rows": rows})

    assert "Form: short (one of each kind), seed 4, 61 s." in text
    assert "| acknowledged bookings lost | 0 | 1 of 15 | **missed** |" in text
    assert "| came back | all | kill; restart; after all the kills | **missed** |" in text


def test_growth_is_computed_from_what_a_unit_costs() -> None:
    measured = {"booking_cpu_ms": {"value": 20.0, "measured": "2026-05-01"}}
    text = growth.page(
        "a\n<!-- costs --><!-- end of costs -->\nb\n<!-- follows -->stale<!-- end of follows -->\nc\n",
        measured,
        Settings(_env_file=None),
    )

    assert "| 20 | 2026-05-01 | `bench.load` |" in text
    assert "| cores for bookings at the peak | < 0.01 | < 0.01 | 0.17 |" in text
    assert "| disk after 3 years, GiB | not measured | not measured | not measured |" in text
    assert "stale" not in text
    assert text.startswith("a\n")
    assert text.endswith("c\n")
