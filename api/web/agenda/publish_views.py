"""The choices of the forms that publish: days, hours, numbers, places, audiences. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from api.web import wording
from api.web.agenda.habits import Habits
from api.web.agenda.reading import AUDIENCES, WEEKDAYS, write_time
from snp.days import local_day, say_day

NUMBERS: Final = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a form; `hint` is said after its label."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A box of a form."""

    name: str
    label: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """The form that publishes in three taps: a day, an hour, a number."""

    days: tuple[Option, ...]
    hours: tuple[Option, ...]
    numbers: tuple[int, ...]
    usual: int
    minutes: int
    places: tuple[Option, ...]
    place: str
    audiences: tuple[Tick, ...]


def publish_panel(habits: Habits, typed: Mapping[str, str], now: datetime) -> Panel:
    """Return the form that starts from a practitioner's habits."""
    today = local_day(now)
    return Panel(
        days=tuple(Option(day.isoformat(), _say(day, today)) for day in habits.days),
        hours=tuple(Option(write_time(at), _hour(write_time(at))) for at in habits.times),
        numbers=NUMBERS,
        usual=habits.patients,
        minutes=habits.minutes,
        places=places(habits),
        place=typed.get("lieu") or str(habits.offer.site_id),
        audiences=audience_ticks(habits, typed),
    )


def places(habits: Habits) -> tuple[Option, ...]:
    """Return where he practises."""
    return tuple(Option(str(site.id), site.name, site.city) for site in habits.sites)


def audience_ticks(habits: Habits, typed: Mapping[str, str]) -> tuple[Tick, ...]:
    """Return to whom slots may be offered, ticked as typed, or as he usually does."""
    asked = "publics" in typed
    return tuple(
        Tick(
            f"public_{one.value}",
            label,
            f"public_{one.value}" in typed if asked else one in habits.offer.audiences,
        )
        for one, label in AUDIENCES.items()
    )


def weekday_ticks(typed: Mapping[str, str]) -> tuple[Tick, ...]:
    """Return the days of the week on which an opening may come back."""
    return tuple(
        Tick(f"jour_{code}", wording.capital(label), f"jour_{code}" in typed)
        for code, label in WEEKDAYS.items()
    )


def _say(day: date, today: date) -> str:
    match (day - today).days:
        case 0:
            return "Aujourd’hui"
        case 1:
            return "Demain"
        case _:
            name, number, *_ = say_day(day).replace("\u00a0", " ").split(" ")
            return f"{wording.capital(name)} {number}"


def _hour(typed: str) -> str:
    hours, minutes = typed.split(":")
    shown = f"\u00a0{minutes}" if minutes != "00" else ""
    return f"{int(hours)}\u00a0h{shown}"
