"""`snp simulate`: a territory's days drawn many times, policies compared, and the answer to a what-if."""

from __future__ import annotations

import csv
import re
from dataclasses import fields, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

if TYPE_CHECKING:
    from snp.simulation.compare import Run
    from snp.simulation.facts import Commune, ExtraSlots, TerritoryParameters

EXIT_USAGE = 2
WEEKDAYS = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5,
    "lundi": 0, "mardi": 1, "mercredi": 2, "jeudi": 3, "vendredi": 4, "samedi": 5,
}  # fmt: skip
WHAT_IF = re.compile(r"^\s*(\d+)\s+([a-z_]+)\s+\+(\d+)\s+([a-z]+)\s*$")
COMMUNES = Path(__file__).parents[2] / "snp" / "directory" / "data" / "communes_cpts.csv"
START = datetime(2026, 11, 16, tzinfo=ZoneInfo("Europe/Paris"))


class TerritoryName(StrEnum):
    """Territories whose communes are known."""

    PAYS_DE_RETZ = "pays-de-retz"
    TERRES_DE_MONTAIGU = "terres-de-montaigu"


STATUS = {TerritoryName.PAYS_DE_RETZ: "pays de retz", TerritoryName.TERRES_DE_MONTAIGU: "montaigu"}


def simulate(  # noqa: PLR0917 - options of a command, given by name
    territory: Annotated[TerritoryName, typer.Option(help="Territoire simulé.")] = TerritoryName.PAYS_DE_RETZ,
    communes: Annotated[
        Path, typer.Option(help="CSV des communes (name, population, lat, lon, cpts_status).")
    ] = COMMUNES,
    seeds: Annotated[int, typer.Option(min=2, help="Nombre de tirages.")] = 20,
    what_if: Annotated[
        str | None, typer.Option("--what-if", help="Ex. « 6 medecin_generaliste +2 monday ».")
    ] = None,
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
    people = _communes(communes, STATUS[territory])
    scenes = [Territory("aujourd’hui", people, parameters, START)]
    if what_if is not None:
        scenes.append(Territory("avec", people, parameters, START, (_extra(what_if),)))
    console = Console()
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("Simulation", total=len(scenes) * seeds)
        runs = compare(scenes, CONTESTANTS, range(seeds), workers=workers, done=lambda: progress.advance(bar))
    _show(console, runs, parameters)
    if what_if is not None:
        _answer(console, runs, what_if)
    if out is not None:
        _write(out, runs, parameters)
        console.print(f"Résultats écrits dans {out}")


def _parameters(settings: list[str]) -> TerritoryParameters:
    from snp.simulation.facts import TerritoryParameters  # noqa: PLC0415 - slow to import

    known = {item.name: item for item in fields(TerritoryParameters)}
    values: dict[str, float] = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in known:
            _fail(f"--set {setting}: no parameter {name!r}; known: {', '.join(known)}")
        try:
            values[name] = float(value)
        except ValueError:
            _fail(f"--set {setting}: {value!r} is not a number")
        low, high = known[name].metadata["low"], known[name].metadata["high"]
        if not low <= values[name] <= high:
            _fail(f"--set {setting}: outside its range, {low} to {high}")
    return replace(TerritoryParameters(), **values)


def _communes(path: Path, status: str) -> tuple[Commune, ...]:
    from snp.simulation.facts import Commune  # noqa: PLC0415 - slow to import

    try:
        with path.open(encoding="utf-8", newline="") as source:
            rows = [row for row in csv.DictReader(source) if status in row["cpts_status"].lower()]
        found = tuple(
            Commune(row["name"], int(row["population"]), float(row["lat"]), float(row["lon"])) for row in rows
        )
    except OSError as error:
        _fail(f"{path}: {error.strerror}")
    except (KeyError, ValueError) as fault:
        _fail(f"{path}: not a file of communes ({fault})")
    if not found:
        _fail(f"{path}: no commune whose cpts_status names {status!r}")
    return found


def _extra(what_if: str) -> ExtraSlots:
    from snp.simulation.facts import ExtraSlots  # noqa: PLC0415 - slow to import

    match = WHAT_IF.match(what_if.lower())
    if match is None or match[4] not in WEEKDAYS:
        _fail(f"--what-if {what_if!r}: expected like '6 medecin_generaliste +2 monday'")
    return ExtraSlots(int(match[1]), match[2], int(match[3]), WEEKDAYS[match[4]])


def _show(console: Console, runs: list[Run], parameters: TerritoryParameters) -> None:
    from snp.simulation.facts import described  # noqa: PLC0415 - slow to import
    from snp.simulation.reports import outcomes  # noqa: PLC0415 - slow to import

    inputs = Table("Paramètre", "Valeur", "Défaut", "Intervalle", "Sens", "Source", title="Hypothèses")
    for item in described(parameters):
        inputs.add_row(
            item.name,
            f"{item.value:g}",
            f"{item.default:g}",
            f"{item.low:g} – {item.high:g}",
            item.meaning,
            item.source,
        )
    console.print(inputs)
    results = Table(
        "Scène",
        "Politique",
        "Part de la clairvoyance",
        "Servies",
        "Attente (h)",
        "Distance (km)",
        title="Résultats, intervalle à 95 %",
    )
    for outcome in outcomes(runs, no_show=parameters.no_show):
        results.add_row(
            outcome.scene,
            outcome.policy,
            str(outcome.score),
            str(outcome.served_share),
            str(outcome.wait_h),
            str(outcome.km),
        )
    console.print(results)


def _answer(console: Console, runs: list[Run], what_if: str) -> None:
    from snp.simulation.compare import CONTESTANTS  # noqa: PLC0415 - slow to import
    from snp.simulation.reports import difference  # noqa: PLC0415 - slow to import

    console.print(f"Et si : {what_if} ? Demandes servies en plus, sur la période :")
    for contestant in CONTESTANTS:
        more = difference(runs, "aujourd’hui", "avec", contestant.name)
        low, high = more.mean - more.half_width, more.mean + more.half_width
        console.print(f"  {contestant.name} : {more.mean:+.1f} (entre {low:+.1f} et {high:+.1f}, à 95 %)")


def _write(out: Path, runs: list[Run], parameters: TerritoryParameters) -> None:
    from snp.simulation.reports import as_csv, as_json, plots  # noqa: PLC0415 - slow to import

    out.mkdir(parents=True, exist_ok=True)
    (out / "simulation.json").write_text(as_json(runs, parameters), encoding="utf-8")
    (out / "simulation.csv").write_text(as_csv(runs), encoding="utf-8")
    for name, svg in plots(runs).items():
        (out / name).write_text(svg, encoding="utf-8")


def _fail(line: str) -> NoReturn:
    typer.echo(f"snp simulate: {line}", err=True)
    raise typer.Exit(EXIT_USAGE)
