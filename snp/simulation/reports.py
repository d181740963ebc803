"""A comparison as files: JSON with its parameters, CSV of every run, SVG plots.

And the answer to a what-if.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from snp.assignment.facts import Priority
from snp.simulation.compare import Figure, Run, figure
from snp.simulation.facts import TerritoryParameters, described
from snp.simulation.plots import bars, distributions, lines


@dataclass(frozen=True, slots=True)
class Outcome:
    """One policy on one scene over the seeds."""

    scene: str
    policy: str
    score: Figure
    served_share: Figure
    seen_share: Figure
    """Served, less the appointments that patients do not honour."""
    refilled: Figure
    wait_h: Figure
    km: Figure
    kept_p3: Figure
    """Share of P3 first kept waiting although a slot was free."""
    places: Figure
    """Standard deviation of the served share between places: 0 when all are treated alike."""
    practitioners: Figure
    """The same for the used share of slots between practitioners."""
    broken: int
    """Promises that could not be kept, over all seeds."""


def outcomes(runs: Sequence[Run], *, no_show: float = 0.0) -> list[Outcome]:
    """Figures by scene and policy, in the order met; `no_show` is the share of appointments not honoured."""
    keys = list(dict.fromkeys((run.scene, run.contestant) for run in runs))
    found = []
    for scene, policy in keys:
        own = [run.summary for run in runs if (run.scene, run.contestant) == (scene, policy)]
        found.append(
            Outcome(
                scene,
                policy,
                figure([run.score for run in runs if (run.scene, run.contestant) == (scene, policy)]),
                figure([sum(s.served.values()) / max(1, s.requests) for s in own]),
                figure([(1 - no_show) * sum(s.served.values()) / max(1, s.requests) for s in own]),
                figure([s.refilled for s in own]),
                figure([s.mean_wait_h for s in own]),
                figure([s.mean_km for s in own]),
                figure([s.kept_waiting[Priority.P3] for s in own]),
                figure([s.place_spread for s in own]),
                figure([s.practitioner_spread for s in own]),
                sum(s.broken for s in own),
            )
        )
    return found


def difference(runs: Sequence[Run], before: str, after: str, policy: str) -> Figure:
    """More requests served in one scene than in another, a mean over the seeds of both (paired)."""
    served = {(r.scene, r.seed): sum(r.summary.served.values()) for r in runs if r.contestant == policy}
    seeds = sorted(seed for scene, seed in served if scene == before)
    return figure([float(served[after, seed] - served[before, seed]) for seed in seeds])


def as_json(runs: Sequence[Run], parameters: TerritoryParameters) -> str:
    """Parameters with ranges and sources, and the figures."""
    document = {
        "parameters": [asdict(item) for item in described(parameters)],
        "outcomes": [asdict(item) for item in outcomes(runs, no_show=parameters.no_show)],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, default=str) + "\n"


def as_csv(runs: Sequence[Run]) -> str:
    """One row a run."""
    sink = io.StringIO()
    rows = csv.writer(sink, lineterminator="\n")
    rows.writerow(
        [
            "scene",
            "policy",
            "seed",
            "requests",
            "p1",
            "p2",
            "p3",
            "score",
            "wait_h",
            "km",
            "promised",
            "broken",
            "kept_p3",
            "places",
            "practitioners",
        ]
    )
    for run in runs:
        s = run.summary
        rows.writerow(
            [run.scene, run.contestant, run.seed, s.requests, *s.served.values(), round(run.score, 5),
             round(s.mean_wait_h, 3), round(s.mean_km, 3), s.promised, s.broken,
             *(round(x, 4) for x in (s.kept_waiting[Priority.P3], s.place_spread, s.practitioner_spread))]
        )  # fmt: skip
    return sink.getvalue()


def by_demand(runs: Sequence[Run], scenes: Mapping[str, float]) -> dict[str, str]:
    """File name to SVG of what changes with demand: served share and gap to the clairvoyant, a line a policy.

    `scenes`: name of each scene to its demand factor, rising.
    """
    found = {(o.scene, o.policy): o for o in outcomes(runs)}
    policies = list(dict.fromkeys(policy for _, policy in found))
    served = {policy: [found[scene, policy].served_share for scene in scenes] for policy in policies}
    gaps = {policy: [_gap(found[scene, policy]) for scene in scenes] for policy in policies}
    factors = list(scenes.values())
    return {
        "servis-par-demande.svg": lines(
            "Demandes servies dans le délai, selon la demande", factors, served, most=1.0
        ),
        "ecart-par-demande.svg": lines("Écart à la clairvoyance, selon la demande", factors, gaps, most=1.0),
    }


def _gap(outcome: Outcome) -> Figure:
    return Figure(1 - outcome.score.mean, outcome.score.half_width)


def plots(runs: Sequence[Run]) -> dict[str, str]:
    """File name to SVG: served share, gap to the clairvoyant, waits, distances; policies side by side.

    A set of files a scene, numbered from the second on.
    """
    drawn: dict[str, str] = {}
    scenes = list(dict.fromkeys(run.scene for run in runs))
    for number, scene in enumerate(scenes, 1):
        suffix = "" if number == 1 else f"-{number}"
        told = "" if len(scenes) == 1 else f" ({scene})"
        for name, svg in _plots([run for run in runs if run.scene == scene], told).items():
            drawn[f"{name}{suffix}.svg"] = svg
    return drawn


def _plots(runs: Sequence[Run], told: str) -> dict[str, str]:
    """The plots of one scene, by name; `told` ends their titles."""
    found = outcomes(runs)
    waits: dict[str, list[float]] = {}
    kms: dict[str, list[float]] = {}
    for run in runs:
        waits.setdefault(run.contestant, []).extend(run.summary.waits_h)
        kms.setdefault(run.contestant, []).extend(run.summary.kms)
    served = {o.policy: o.served_share for o in found}
    return {
        "servis": bars(f"Demandes servies dans le délai{told}", served, most=1.0),
        "ecart": bars(f"Écart à la clairvoyance{told}", {o.policy: _gap(o) for o in found}, most=1.0),
        "attentes": distributions(f"Attente avant le rendez-vous{told}", waits, unit="h"),
        "distances": distributions(f"Distance à vol d’oiseau{told}", kms, unit="km"),
    }
