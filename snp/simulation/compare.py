"""Policies compared on the same streams over seeds: scores, intervals, paired differences; in parallel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from multiprocessing import get_context
from statistics import NormalDist, mean, stdev
from typing import Protocol

from snp.assignment.live_clairvoyant import clairvoyant
from snp.assignment.live_policies import PolicyName, make_policy
from snp.assignment.live_replay import Policy, replay
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.policy.simple import first_come
from snp.assignment.stream import Stream
from snp.assignment.stream_summary import Summary, summarize


class Scene(Protocol):
    """A law that streams are drawn from. It must be picklable."""

    @property
    def name(self) -> str:
        """How results call it."""

    def stream(self, seed: int) -> Stream:
        """The stream of one seed."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A policy as it enters a comparison."""

    name: str
    policy: PolicyName
    promise: bool = False
    waiting_list: bool = False
    """For `fcfs`: serve the refused who allow it when a slot frees. `live` always does."""
    settings: LiveSettings | None = None

    def make(self, seed: int) -> Policy:
        """A fresh policy."""
        if self.policy is PolicyName.FCFS and self.waiting_list:
            return first_come(waiting_list=True)
        return make_policy(self.policy, promise=self.promise, seed=seed, settings=self.settings)


NOBODY_ASKS = LiveSettings(eager=False)
"""A played day has no caller on the line: prices may be computed when a decision needs them."""

CONTESTANTS = (
    Contestant("sas", PolicyName.SAS),
    Contestant("nearest", PolicyName.NEAREST),
    Contestant("fcfs", PolicyName.FCFS),
    Contestant("fcfs + liste d’attente", PolicyName.FCFS, waiting_list=True),
    Contestant("live", PolicyName.LIVE, settings=NOBODY_ASKS),
    Contestant("live, promesses", PolicyName.LIVE, promise=True, settings=NOBODY_ASKS),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One policy on one stream."""

    scene: str
    contestant: str
    seed: int
    summary: Summary

    @property
    def score(self) -> float:
        """Share of the clairvoyant value."""
        bound = self.summary.bound
        return self.summary.value / bound.value if bound is not None and bound.value else 1.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean and the half-width of its 95 % confidence interval."""

    mean: float
    half_width: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} ± {self.half_width:.3f}"


def figure(values: Sequence[float]) -> Figure:
    """Mean and 95 % interval of independent values (Student's t, by Fisher's expansion of its quantile)."""
    if len(values) < 2:
        return Figure(values[0] if values else 0.0, float("inf"))
    return Figure(mean(values), student_975(len(values) - 1) * stdev(values) / sqrt(len(values)))


def student_975(freedom: int) -> float:
    """The 97.5 % quantile of Student's law, within 1 % from 3 degrees of freedom on.

    Source: M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, 26.7.5.
    """
    z = NormalDist().inv_cdf(0.975)
    n = float(freedom)
    terms = (
        (z**3 + z) / (4 * n),
        (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2),
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3),
    )
    return z + sum(terms)


Task = tuple[Scene, tuple[Contestant, ...], int]


def compare(
    scenes: Iterable[Scene],
    contestants: Sequence[Contestant],
    seeds: Iterable[int],
    *,
    workers: int = 1,
    done: Callable[[], None] = lambda: None,
) -> list[Run]:
    """Every contestant on every stream; each stream is drawn once. `done` is called after each stream."""
    runs: list[Run] = []
    for found in played([(scene, tuple(contestants), seed) for seed in seeds for scene in scenes], workers):
        runs.extend(found)
        done()
    return runs


def played(tasks: list[Task], workers: int) -> Iterator[list[Run]]:
    """The runs of each stream, in the order of the tasks, as soon as they are there."""
    if workers <= 1:
        yield from map(play_stream, tasks)
        return
    with get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(play_stream, tasks)


def play_stream(task: Task) -> list[Run]:
    """Draw one stream and let every contestant play it."""
    scene, contestants, seed = task
    stream = scene.stream(seed)
    bound = clairvoyant(stream)
    runs = []
    for contestant in contestants:
        answers = list(replay(stream, contestant.make(seed)))
        runs.append(
            Run(scene.name, contestant.name, seed, summarize(stream, contestant.name, answers, bound))
        )
    return runs


def scores(runs: Iterable[Run], scene: str, contestant: str) -> list[float]:
    """Scores by rising seed."""
    found = [run for run in runs if run.scene == scene and run.contestant == contestant]
    return [run.score for run in sorted(found, key=lambda run: run.seed)]
