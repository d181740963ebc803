"""`python -m bench.coverage`: the forecast of need and the calls for slots, on simulated years.

Two questions, one command, on the Pays de Retz with its summer. Is the forecast better than the same weekday
and half-day of the weeks before (pinball loss over five quantiles)? And do calls for slots leave fewer people
without a slot than the same number of slots given without being called for? Each seed is a year of its own:
its summer by the sea (need ×1.5 to 2.5, slots ×0.6 to 0.8), its epidemic and its trend are drawn, and told to
nobody who forecasts. Writes bench/out/coverage.csv, coverage.json and three drawings (SVG) beside them.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bench.coverage_calls import Answers, Lived, World
from bench.coverage_forecast import NAIVE_WEEKS, Scores, score
from snp.simulation.compare import Figure, figure
from snp.simulation.facts import Commune, TerritoryParameters
from snp.simulation.plots import bars, lines
from snp.simulation.territory import GP
from snp.simulation.year import YearLaw

OUT = Path(__file__).parent / "out"
COMMUNES = Path(__file__).parent.parent / "snp" / "directory" / "data" / "communes_cpts.csv"
PERIMETER = "pays-de-retz"
ARMS = ("aucun appel", "autant, au rythme habituel", "autant, l’été seulement", "appels aux créneaux")
NONE, USUAL, SUMMER, CALLS = ARMS
GOAL_FORECAST, GOAL_CALLS = 0.9, 0.5


@dataclass(frozen=True)
class Seed:
    """What one seed came to."""

    seed: int
    scores: Scores
    lived: tuple[Lived, ...]

    def of(self, arm: str) -> Lived:
        """The year of one arm."""
        return next(one for one in self.lived if one.arm == arm)


def communes() -> tuple[Commune, ...]:
    """The communes of the territory."""
    with COMMUNES.open(encoding="utf-8", newline="") as source:
        rows = [row for row in csv.DictReader(source) if row["perimeter"] == PERIMETER]
    return tuple(Commune(r["name"], int(r["population"]), float(r["lat"]), float(r["lon"])) for r in rows)


def law(years: int) -> YearLaw:
    """The territory's years, from January 2026."""
    return YearLaw(communes(), TerritoryParameters(history_days=0), date(2026, 1, 1), years=years)


def play(seed: int) -> Seed:
    """Score the forecast on two years, then live one year in each arm."""
    scores = score(law(2), seed, every_days=3)
    one = law(1)
    year = one.draw(seed)
    calls = World(one, year, seed, CALLS, Answers()).with_calls().live()
    none = World(one, year, seed, NONE, Answers()).live()
    usual_pool = tuple(e for e in one.draw(seed + 10_000).slots if e.slot.profession == GP)
    usual = World(one, year, seed, USUAL, Answers()).with_more(calls.given, usual_pool).live()
    busy = replace(one, summer_supply=(1.0, 1.0), parameters=replace(one.parameters, slots_per_gp_week=12))
    summer_pool = tuple(
        e for e in busy.draw(seed + 10_000).slots if e.slot.profession == GP and e.slot.start.month in {7, 8}
    )
    summer = World(one, year, seed, SUMMER, Answers()).with_more(calls.given, summer_pool).live()
    return Seed(seed, scores, (none, usual, summer, calls))


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the seeds, print the figures, write them and their drawings; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.coverage", description=__doc__)
    parser.add_argument("--seeds", type=int, default=6, help="how many years are drawn (default 6)")
    parser.add_argument("--workers", type=int, default=2, help="processes side by side (default 2)")
    parser.add_argument("--out", type=Path, default=OUT, help="where the CSV and the drawings go")
    chosen = parser.parse_args(arguments)
    if chosen.seeds < 2 or chosen.workers < 1:
        parser.error("at least 2 seeds and 1 worker")
    began = time.monotonic()
    with ProcessPoolExecutor(chosen.workers) as pool:
        found = list(pool.map(play, range(1, chosen.seeds + 1)))
    missed = _tell(found)
    _write(chosen.out, found)
    print(f"\n{chosen.seeds} seeds in {time.monotonic() - began:.0f} s; figures and drawings in {chosen.out}")
    return 1 if missed else 0


def _tell(found: Sequence[Seed]) -> int:
    ratio = figure([one.scores.ratio for one in found])
    print("Forecast of need, 14 days ahead, pinball loss (mean of five quantiles, per half-day):")
    print(f"  ours                       {_said(figure([one.scores.ours for one in found]))}")
    for weeks in NAIVE_WEEKS:
        print(f"  seasonal-naive, {weeks:>2} weeks   {_said(figure([s.scores.naive[weeks] for s in found]))}")
    print(
        f"  against the best of them   {_said(ratio)}"
        f"   goal < {GOAL_FORECAST}: {_met(ratio.mean < GOAL_FORECAST)}"
    )
    for place, name in ((0, "first year, no past at the start"), (1, "second year")):
        each = [list(one.scores.by_year.values())[place] for one in found]
        print(f"    {name:<34} {_said(figure(each))}")
    print(f"  need within the 80 % interval {_said(figure([one.scores.covered_80 for one in found]))}")
    print("\nA year with its summer: who sought a slot and had none within the delay:")
    for arm in ARMS:
        lived = [one.of(arm) for one in found]
        print(
            f"  {arm:<28} {_said(figure([one.unserved for one in lived]))}"
            f"   slots {figure([float(one.slots) for one in lived]).mean:.0f}"
            f"   of which asked or added {figure([float(one.given) for one in lived]).mean:.0f}"
        )
    calls = [one.of(CALLS) for one in found]
    print(
        f"  messages {figure([float(one.messages) for one in calls]).mean:.0f} a year, "
        f"{max(one.most_messages_a_week for one in calls)} a week at most to each; "
        f"calls {figure([float(one.calls) for one in calls]).mean:.0f}"
    )
    missed = int(ratio.mean >= GOAL_FORECAST)
    for arm in (NONE, USUAL, SUMMER):
        share = figure([one.of(CALLS).unserved / one.of(arm).unserved for one in found])
        goal = f"   goal {GOAL_CALLS}: {_met(share.mean <= GOAL_CALLS)}" if arm != SUMMER else ""
        print(f"  unserved with calls, against « {arm} »: {_said(share)}{goal}")
        missed += arm != SUMMER and share.mean > GOAL_CALLS
    return missed


def _said(figure_: Figure) -> str:
    return f"{figure_.mean:.3f} ± {figure_.half_width:.3f}"


def _met(is_met: bool) -> str:
    return "reached" if is_met else "missed"


def _write(out: Path, found: Sequence[Seed]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with (out / "coverage.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["seed", "what", "of", "value"])
        for one in found:
            writer.writerow([one.seed, "pinball", "ours", f"{one.scores.ours:.5f}"])
            for weeks, loss in one.scores.naive.items():
                writer.writerow([one.seed, "pinball", f"naive {weeks} weeks", f"{loss:.5f}"])
            for lived in one.lived:
                for name in ("requests", "served", "slots", "given", "messages", "calls"):
                    writer.writerow([one.seed, name, lived.arm, getattr(lived, name)])
                writer.writerow([one.seed, "unserved", lived.arm, f"{lived.unserved:.5f}"])
    rows = json.dumps([_row(one) for one in found], indent=1)
    (out / "coverage.json").write_text(f"{rows}\n", encoding="utf-8")
    shares = {arm: figure([one.of(arm).unserved for one in found]) for arm in ARMS}
    drawn = bars("Sans créneau dans le délai, une année de Pays de Retz", shares, most=1.0)
    (out / "coverage-unserved.svg").write_text(drawn, encoding="utf-8")
    months = {arm: [_month(found, arm, month) for month in range(1, 13)] for arm in ARMS}
    drawn = lines(
        "Sans créneau dans le délai, par mois", [float(m) for m in range(1, 13)], months, most=1.0, mark=""
    )
    (out / "coverage-months.svg").write_text(drawn, encoding="utf-8")
    best = {
        "prévision": figure([one.scores.ours for one in found]),
        **{f"{weeks} sem.": figure([one.scores.naive[weeks] for one in found]) for weeks in NAIVE_WEEKS},
    }
    drawn = bars("Perte (pinball) de la prévision et des semaines précédentes", best)
    (out / "coverage-forecast.svg").write_text(drawn, encoding="utf-8")


def _row(one: Seed) -> dict[str, object]:
    """One seed, as the page of figures reads it."""
    lived = {
        each.arm: {"unserved": each.unserved, "slots": each.slots, "given": each.given} for each in one.lived
    }
    return {
        "seed": one.seed,
        "ratio": one.scores.ratio,
        "covered_80": one.scores.covered_80,
        "lived": lived,
        "messages": one.of(CALLS).messages,
        "most_messages_a_week": one.of(CALLS).most_messages_a_week,
    }


def _month(found: Sequence[Seed], arm: str, month: int) -> Figure:
    shares = []
    for one in found:
        weeks = [both for week, both in one.of(arm).by_week.items() if week.month == month]
        asked, served = sum(a for a, _ in weeks), sum(s for _, s in weeks)
        shares.append(1 - served / asked if asked else 0.0)
    return figure(shares)


if __name__ == "__main__":
    sys.exit(main())
