"""Each rule of a rota in a French sentence, naming who, when and where. Pure; decides nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from slots.rota.facts import Carer, Conflict, Half, Kind, Place, RotaProblem, Rule, Shift
from snp.days import say_day, say_instant, say_time

HALVES: Final = {Half.MORNING: "matin", Half.AFTERNOON: "après-midi", Half.EVENING: "soir"}
KINDS: Final = {
    Kind.ALL: "toutes les gardes",
    Kind.SATURDAY: "samedis",
    Kind.FRIDAY_AFTERNOON: "vendredis après-midi et soir",
    Kind.SCHOOL_HOLIDAYS: "vacances scolaires",
}
WEEKDAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def say_shift(problem: RotaProblem, shift: Shift) -> str:
    """A shift in words: « mardi 1er décembre matin », with its place where there are several."""
    words = f"{say_day(shift.day)} {HALVES[shift.half]}"
    return f"{words} ({problem.place_by_id[shift.place].name})" if len(problem.places) > 1 else words


def doctors(count: int) -> str:
    """A number of doctors."""
    return f"{count} médecin{'s' if count > 1 else ''}"


def turns_words(count: int) -> str:
    """A number of shifts."""
    return f"{count} garde{'s' if count > 1 else ''}"


def place(problem: RotaProblem, carer: Carer, shift: Shift) -> Conflict:
    """He does not work there."""
    where = problem.place_by_id[shift.place].name
    return Conflict(Rule.PLACE, f"{carer.name} n’exerce pas à {where}.", carer.id, shift.id)


def away(problem: RotaProblem, carer: Carer, shift: Shift) -> Conflict:
    """He is away."""
    return Conflict(Rule.AWAY, f"{carer.name} est absent le {say_shift(problem, shift)}.", carer.id, shift.id)


def never(problem: RotaProblem, carer: Carer, shift: Shift) -> Conflict:
    """He does not work on such half-days."""
    when = f"{WEEKDAYS[shift.day.weekday()]} {HALVES[shift.half]}"
    told = f"{carer.name} ne travaille jamais le {when} ({say_shift(problem, shift)})."
    return Conflict(Rule.NEVER, told, carer.id, shift.id)


def fixed(problem: RotaProblem, carer: Carer, shift: Shift) -> Conflict:
    """A shift that is his is not held by him."""
    return Conflict(
        Rule.FIXED, f"{carer.name} tient toujours le {say_shift(problem, shift)}.", carer.id, shift.id
    )


def frozen(problem: RotaProblem, shift: Shift) -> Conflict:
    """A shift that has begun was changed."""
    return Conflict(
        Rule.FIXED, f"Le {say_shift(problem, shift)} a déjà commencé : il ne change plus.", shift=shift.id
    )


def together(problem: RotaProblem, carer: Carer, one: Shift, other: Shift) -> Conflict:
    """Two shifts at once."""
    told = f"{carer.name} ne peut pas tenir à la fois {_both(problem, one, other)}."
    return Conflict(Rule.TOGETHER, told, carer.id, other.id)


def rest(problem: RotaProblem, carer: Carer, one: Shift, other: Shift) -> Conflict:
    """Too little rest between two shifts."""
    hours = say_rest(problem.limits.rest)
    told = f"{carer.name} doit avoir {hours} de repos entre {_both(problem, one, other)}."
    return Conflict(Rule.REST, told, carer.id, other.id)


def per_day(problem: RotaProblem, carer: Carer, day: date, count: int) -> Conflict:
    """Too many shifts on a day."""
    most = turns_words(problem.limits.most_per_day)
    told = f"{carer.name} tient au plus {most} par jour : {count} le {say_day(day)}."
    return Conflict(Rule.PER_DAY, told, carer.id)


def per_week(problem: RotaProblem, carer: Carer, week: tuple[int, int], count: int, most: int) -> Conflict:
    """Too many shifts in a week."""
    del problem
    monday = say_day(date.fromisocalendar(*week, 1))
    told = f"{carer.name} tient au plus {turns_words(most)} par semaine : {count} dans celle du {monday}."
    return Conflict(Rule.PER_WEEK, told, carer.id)


def consecutive(problem: RotaProblem, carer: Carer, first: date, last: date) -> Conflict:
    """Too many days in a row."""
    most = problem.limits.most_days_in_a_row
    days = f"{most} jour{'s' if most > 1 else ''}"
    told = f"{carer.name} tient au plus {days} de suite : du {say_day(first)} au {say_day(last)}."
    return Conflict(Rule.CONSECUTIVE, told, carer.id)


def too_few(problem: RotaProblem, shift: Shift, count: int) -> Conflict:
    """A shift is short of carers."""
    told = f"Le {say_shift(problem, shift)} demande {doctors(shift.least)} au moins : {count}."
    return Conflict(Rule.TOO_FEW, told, shift=shift.id)


def too_many(problem: RotaProblem, shift: Shift, count: int) -> Conflict:
    """A shift has more carers than it may."""
    told = f"Le {say_shift(problem, shift)} admet {doctors(shift.most)} au plus : {count}."
    return Conflict(Rule.TOO_MANY, told, shift=shift.id)


def rooms(place: Place, at: datetime, count: int) -> Conflict:
    """More carers at once than a place has rooms."""
    most = f"{place.rooms} salle{'s' if (place.rooms or 0) > 1 else ''}"
    return Conflict(Rule.ROOMS, f"{place.name} a {most} : {doctors(count)} à la fois le {say_instant(at)}.")


def _both(problem: RotaProblem, one: Shift, other: Shift) -> str:
    if one.day == other.day:
        return f"le {say_shift(problem, one)} et celle de {say_time(other.start)} le même jour"
    return f"le {say_shift(problem, one)} et le {say_shift(problem, other)}"


def say_rest(rest: timedelta) -> str:
    """A rest in words: « 11 h », « 12 h 30 »."""
    hours, minutes = divmod(round(rest / timedelta(minutes=1)), 60)
    return f"{hours}\u00a0h\u00a0{minutes:02d}" if minutes else f"{hours}\u00a0h"
