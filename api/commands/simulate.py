"""`snp simulate`: a territory's days drawn many times, policies compared, and the answer to a what-if."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import fields, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress

from api.commands.simulate_tables import number, show_calls, show_parameters, show_results

if TYPE_CHECKING:
    from snp.simulation.compare import Run
    from snp.simulation.facts import Commune, ExtraSlots, TerritoryParameters

EXIT_USAGE = 2
WEEKDAYS = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5,
    "lundi": 0, "mardi": 1, "mercredi": 2, "jeudi": 3, "vendredi": 4, "samedi": 5,
}  # fmt: skip
PROFESSIONS = {
    "medecin": "medecin_generaliste", "generaliste": "medecin_generaliste",
    "medecin_generaliste": "medecin_generaliste", "doctor": "medecin_generaliste",
    "kine": "kinesitherapeute", "kinesitherapeute": "kinesitherapeute", "physio": "kinesitherapeute",
}  # fmt: skip
SAID = {"medecin_generaliste": "médecins généralistes", "kinesitherapeute": "kinésithérapeutes"}
WHAT_IF = re.compile(r"(\d+)\s+([a-z_]+)\b.*?\+?\s*(\d+)\b.*?\b(" + "|".join(WEEKDAYS) + r")s?\b")
COMMUNES = Path(__file__).parents[2] / "snp" / "directory" / "data" / "communes_cpts.csv"
START = datetime(2026, 11, 16, tzinfo=ZoneInfo("Europe/Paris"))
TODAY = "aujourd’hui"


class TerritoryName(StrEnum):
    """Territories whose communes are known."""

    PAYS_DE_RETZ = "pays-de-retz"
    TERRES_DE_MONTAIGU = "terres-de-montaigu"


def simulate(  # noqa: PLR0917 - options of a command, given by name
    territory: Annotated[TerritoryName, typer.Option(help="Territoire simulé.")] = TerritoryName.PAYS_DE_RETZ,
    communes: Annotated[
        Path, typer.Option(help="CSV des communes (name, population, lat, lon, perimeter).")
    ] = COMMUNES,
    seeds: Annotated[int, typer.Option(min=2, help="Nombre de tirages.")] = 20,
    what_if: Annotated[
        str | None,
        typer.Option("--what-if", help="Ex. « 6 médecins donnent 2 créneaux de plus le lundi »."),
    ] = None,
    demand: Annotated[
        str, typer.Option(help="Facteurs de demande à comparer, séparés par des virgules : 0.8,1,1.3.")
    ] = "1",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Paramètre=valeur, autant de fois que nécessaire.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processus en parallèle.")] = 2,
    out: Annotated[Path | None, typer.Option(help="Dossier des résultats : JSON, CSV, SVG.")] = None,
) -> None:
    """Simule les journées d’un territoire et compare les politiques d’attribution."""
    from snp.simulation.compare import CONTESTANTS, compare  # noqa: PLC0415 - slow to import
    from snp.simulation.territory import Territory  # noqa: PLC0415 - slow to import

    parameters = _parameters(settings or [])
    people = _communes(communes, territory)
    extra = None if what_if is None else _extra(what_if)
    factors = {_scene_name(factor): factor for factor in _factors(demand)}
    scenes = []
    for name, factor in factors.items():
        played = replace(parameters, demand=parameters.demand * factor)
        scenes.append(Territory(name, people, played, START))
        if extra is not None:
            scenes.append(Territory(_with(name), people, played, START, (extra,)))
    console = Console()
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("Simulation", total=len(scenes) * seeds)
        runs = compare(scenes, CONTESTANTS, range(seeds), workers=workers, done=lambda: progress.advance(bar))
    show_parameters(console, parameters)
    for scene in scenes:
        if not scene.extra:
            show_calls(console, scene)
    show_results(console, runs, parameters)
    if extra is not None:
        for name in factors:
            _answer(console, runs, extra, name, parameters.days)
    if out is not None:
        _write(out, runs, parameters, factors)
        console.print(f"Résultats écrits dans {out}")


def _scene_name(factor: float) -> str:
    return TODAY if factor == 1 else f"demande ×{factor:g}".replace(".", ",")


def _with(name: str) -> str:
    return f"{name}, avec"


def _factors(text: str) -> list[float]:
    low, high = 0.2, 5.0
    try:
        found = sorted({float(part) for part in text.split(",")})
    except ValueError:
        _fail(f"--demand {text!r} : attendu des nombres séparés par des virgules, par exemple 0.8,1,1.3")
    if not low <= found[0] <= found[-1] <= high:
        _fail(f"--demand {text!r} : chaque facteur doit être compris entre {low:g} et {high:g}")
    return found


def _parameters(settings: list[str]) -> TerritoryParameters:
    from snp.simulation.facts import TerritoryParameters  # noqa: PLC0415 - slow to import

    known = {item.name: item for item in fields(TerritoryParameters)}
    values: dict[str, float] = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in known:
            _fail(f"--set {setting} : paramètre inconnu {name!r} ; connus : {', '.join(known)}")
        try:
            values[name] = float(value.replace(",", "."))
        except ValueError:
            _fail(f"--set {setting} : {value!r} n’est pas un nombre")
        low, high = known[name].metadata["low"], known[name].metadata["high"]
        if not low <= values[name] <= high:
            _fail(f"--set {setting} : hors de son intervalle, de {low:g} à {high:g}")
    return replace(TerritoryParameters(), **values)


def _communes(path: Path, territory: TerritoryName) -> tuple[Commune, ...]:
    from snp.simulation.facts import Commune  # noqa: PLC0415 - slow to import

    try:
        with path.open(encoding="utf-8", newline="") as source:
            rows = [row for row in csv.DictReader(source) if row["perimeter"] == territory]
        found = tuple(
            Commune(row["name"], int(row["population"]), float(row["lat"]), float(row["lon"])) for row in rows
        )
    except OSError as error:
        _fail(f"{path} : {error.strerror}")
    except (KeyError, ValueError) as fault:
        _fail(f"{path} : ce n’est pas un fichier de communes ({fault})")
    if not found:
        _fail(f"{path} : aucune commune du périmètre {territory.value!r}")
    return found


def _extra(what_if: str) -> ExtraSlots:
    """Read a question such as « 6 médecins donnent 2 créneaux de plus le lundi »."""
    from snp.simulation.facts import ExtraSlots  # noqa: PLC0415 - slow to import

    plain = unicodedata.normalize("NFD", what_if.lower())
    match = WHAT_IF.search("".join(letter for letter in plain if not unicodedata.combining(letter)))
    profession = None if match is None else PROFESSIONS.get(match[2], PROFESSIONS.get(match[2].rstrip("s")))
    if match is None or profession is None:
        _fail(f"--what-if {what_if!r} : attendu par exemple « 6 médecins +2 lundi » ou « 3 kinés +1 jeudi »")
    return ExtraSlots(int(match[1]), profession, int(match[3]), WEEKDAYS[match[4]])


def _answer(console: Console, runs: list[Run], extra: ExtraSlots, name: str, days: float) -> None:
    from snp.simulation.compare import CONTESTANTS  # noqa: PLC0415 - slow to import
    from snp.simulation.reports import difference  # noqa: PLC0415 - slow to import

    day = next(french for french, number in list(WEEKDAYS.items())[6:] if number == extra.weekday)
    console.print(
        f"Et si {extra.practitioners} {SAID[extra.profession]} donnaient {extra.slots} créneaux "
        f"de plus le {day} ({name}) ? Demandes servies en plus, par semaine :"
    )
    weeks = days / 7
    for contestant in CONTESTANTS:
        more = difference(runs, name, _with(name), contestant.name)
        middle, half = more.mean / weeks, more.half_width / weeks
        shown = [number(value, signed=True) for value in (middle, middle - half, middle + half)]
        console.print(f"  {contestant.name} : {shown[0]} (entre {shown[1]} et {shown[2]}, à 95 %)")


def _write(out: Path, runs: list[Run], parameters: TerritoryParameters, factors: dict[str, float]) -> None:
    from snp.simulation.reports import as_csv, as_json, by_demand, plots  # noqa: PLC0415 - slow to import

    drawn = plots(runs) | (by_demand(runs, factors) if len(factors) > 1 else {})
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "simulation.json").write_text(as_json(runs, parameters), encoding="utf-8")
        (out / "simulation.csv").write_text(as_csv(runs), encoding="utf-8")
        for name, svg in drawn.items():
            (out / name).write_text(svg, encoding="utf-8")
    except OSError as error:
        _fail(f"{out} : {error.strerror}")


def _fail(line: str) -> NoReturn:
    typer.echo(f"snp simulate : {line}", err=True)
    raise typer.Exit(EXIT_USAGE)
