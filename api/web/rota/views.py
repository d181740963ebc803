"""Rotas as pages show them: weeks as tables, shares, changes, plans. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from slots.rota.explaining import Alternative, Share
from slots.rota.facts import Kind, RotaAnswer, RotaProblem, Status
from slots.rota.terms import Decision, PlanView, Purpose, ShiftView, TurnView
from slots.rota.wording import HALVES, KINDS, say_shift
from snp.days import local_day, say_day, say_instant, say_time

_DAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_NBSP: Final = "\u00a0"


Name = tuple[str, str]
"""Who holds a shift, and the address of the page that says why; empty: there is none."""


@dataclass(frozen=True, slots=True)
class Held:
    """A shift as a table needs it: when, where, and the names of who holds it."""

    start: datetime
    end: datetime
    place: str
    half: str
    names: tuple[Name, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One shift in the table of a week; `short`: how many doctors it lacks."""

    names: tuple[Name, ...]
    short: int
    hours: str


@dataclass(frozen=True, slots=True)
class Line:
    """A half-day of a place through a week; None: nothing is held then."""

    label: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """The table of a week."""

    title: str
    days: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ShareLine:
    """What a doctor holds and is due, kind by kind, as the heads of the table name them."""

    name: str
    cells: tuple[str, ...]


def weeks_of(held: Iterable[Held]) -> tuple[Week, ...]:
    """Return the tables of the weeks, Monday first, with the days that are held at all."""
    by_week: dict[date, list[Held]] = {}
    for each in held:
        day = local_day(each.start)
        by_week.setdefault(day - timedelta(days=day.weekday()), []).append(each)
    return tuple(_week(monday, by_week[monday]) for monday in sorted(by_week))


def held_of_shifts(
    shifts: Iterable[ShiftView],
    names: Mapping[UUID, str],
    places: Mapping[UUID, str],
    why: Callable[[TurnView], str] = lambda _turn: "",
) -> list[Held]:
    """Return what stands, as tables need it; `why`: the address of the page that explains a turn."""
    return [
        Held(
            each.start,
            each.end,
            places.get(each.site_id, ""),
            each.half,
            tuple(sorted((names.get(turn.practitioner_id, "?"), why(turn)) for turn in each.turns)),
            each.missing,
        )
        for each in shifts
    ]


def held_of_plan(problem: RotaProblem, answer: RotaAnswer) -> list[Held]:
    """Return what a plan gives, as tables need it."""
    found = []
    for shift in problem.shifts:
        who = answer.turns.get(shift.id, frozenset())
        names = tuple(sorted((short_name(problem.carer_by_id[each].name), "") for each in who))
        place = problem.place_by_id[shift.place].name if len(problem.places) > 1 else ""
        found.append(Held(shift.start, shift.end, place, shift.half, names, max(0, shift.least - len(who))))
    return found


def short_name(name: str) -> str:
    """A name as a table holds it: title, initial, family name."""
    parts = name.split()
    if len(parts) < 3:
        return name
    title, given, *family = parts
    return f"{title} {given[0]}.{_NBSP}{' '.join(family)}"


def share_table(shares: Sequence[Share], names: Mapping[str, str]) -> tuple[list[str], list[ShareLine]]:
    """Return the heads of the kinds and a line for each doctor: held, of what is due to a tenth."""
    kinds = list(dict.fromkeys(each.kind for each in shares))
    cells: dict[str, dict[Kind, str]] = {}
    for each in shares:
        due = f"{each.due_tenths // 10},{each.due_tenths % 10}"
        cells.setdefault(each.carer, {})[each.kind] = f"{each.held} / {due}"
    lines = [
        ShareLine(names.get(carer, "?"), tuple(found[kind] for kind in kinds))
        for carer, found in sorted(cells.items(), key=lambda pair: names.get(pair[0], "?"))
    ]
    return [KINDS[kind] for kind in kinds], lines


def verdict(plan: PlanView, answer: RotaAnswer) -> tuple[str, str]:
    """Return the tone and the sentence that says what is known of a plan."""
    match plan.status:
        case Status.OPTIMAL:
            return "good", "C’est le meilleur roulement possible avec ces règles : la preuve est faite."
        case Status.FEASIBLE:
            gap = f"{100 * (answer.gap or 0):.1f}".replace(".", ",")
            return "care", (
                f"Toutes les règles sont tenues. Le meilleur roulement possible coûte au mieux {gap}{_NBSP}% "
                "de moins : le temps de calcul s’est écoulé avant la preuve."
            )
        case Status.INFEASIBLE:
            return (
                "alarm",
                "Aucun roulement ne tient toutes ces règles à la fois. Assouplissez l’une d’elles :",
            )
        case _:
            return "alarm", "Le calcul n’a rien donné dans le temps imparti. Réessayez, ou réduisez la durée."


def plan_title(plan: PlanView) -> str:
    """A plan in words."""
    what = "Réparation" if plan.purpose is Purpose.REPAIR else "Nouveau roulement"
    return f"{what}, du {say_day(plan.first_day)} au {say_day(plan.last_day)}"


def plan_state(plan: PlanView) -> str:
    """What became of a plan, in a few words."""
    if plan.decision is Decision.CONFIRMED:
        return "en vigueur"
    if plan.decision is Decision.DISCARDED:
        return "écarté"
    if plan.solved_at is None:
        return "calcul en cours"
    return "à confirmer" if plan.can_be_confirmed else "sans solution"


def when(shift: ShiftView) -> str:
    """A shift as a heading: « Mardi 1er décembre matin, de 9 h à 12 h »."""
    words = f"{say_day(shift.day)} {HALVES[shift.half]}, de {say_time(shift.start)} à {say_time(shift.end)}"
    return words[:1].upper() + words[1:]


def kind_words(shift: ShiftView) -> str:
    """The unloved kinds a shift counts among."""
    return ", ".join(KINDS[kind] for kind in sorted(shift.kinds))


def reason_of(each: Alternative) -> str:
    """Why another doctor does not hold a shift."""
    if each.broken:
        return " ".join(one.sentence for one in each.broken)
    if each.dearer <= 0:
        return "Aussi bien placé : le départage est arbitraire."
    causes = []
    if each.fairness > 0:
        causes.append("moins équitable")
    if each.wishes > 0:
        causes.append("contre des souhaits")
    cause = f" : {' et '.join(causes)}" if causes else ""
    return f"Possible, mais le roulement coûterait {each.dearer}{_NBSP}points de plus{cause}."


def change_lines(
    problem: RotaProblem, changes: Iterable[tuple[str, frozenset[str], frozenset[str]]]
) -> list[tuple[str, str, str]]:
    """Return what changes: when, who leaves, who comes."""

    def names(who: frozenset[str]) -> str:
        return ", ".join(sorted(problem.carer_by_id[each].name for each in who)) or "personne"

    found = []
    for shift_id, leaving, coming in changes:
        words = say_shift(problem, problem.shift_by_id[shift_id])
        found.append((words[:1].upper() + words[1:], names(leaving), names(coming)))
    return found


def turn_note(turn: TurnView) -> str:
    """What is known of the slots of a turn."""
    if turn.published_at is None:
        return "créneaux à venir"
    if turn.trouble:
        return f"créneaux publiés en partie : {turn.trouble}"
    return f"créneaux publiés le {say_instant(turn.published_at)}"


def _week(monday: date, held: list[Held]) -> Week:
    days = sorted({local_day(each.start) for each in held})
    rows: dict[tuple[str, str], dict[date, Cell]] = {}
    order = {half: number for number, half in enumerate(HALVES)}
    for each in held:
        hours = f"{say_time(each.start)}–{say_time(each.end)}"
        rows.setdefault((each.place, each.half), {})[local_day(each.start)] = Cell(
            each.names, each.missing, hours
        )
    lines = tuple(
        Line(
            f"{HALVES[half]}{f' · {place}' if place else ''}",  # type: ignore[index]
            tuple(cells.get(day) for day in days),
        )
        for (place, half), cells in sorted(rows.items(), key=lambda row: (row[0][0], order[row[0][1]]))  # type: ignore[index]
    )
    heads = tuple(f"{_DAYS[day.weekday()][:3]}. {day.day}" for day in days)
    return Week(f"Semaine du {say_day(monday)}", heads, lines)
