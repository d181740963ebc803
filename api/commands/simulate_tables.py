"""The tables of `snp simulate`, as a coordinator reads them: French words, percents, decimal commas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console

    from snp.simulation.compare import Figure, Run
    from snp.simulation.facts import TerritoryParameters
    from snp.simulation.territory import Territory

REFILL = "publié : 72 %, de 50 à 75"
"""Late cancellations refilled by hand in two CPTS. Source: F. Guillaud, Les CPTS, thesis, Nantes 2023."""


def number(value: float, *, signed: bool = False) -> str:
    """One decimal, with a comma; `signed` shows the plus."""
    return (f"{value:+.1f}" if signed else f"{value:.1f}").replace(".", ",")


def show_parameters(console: Console, parameters: TerritoryParameters) -> None:
    """Print every parameter with its value, default, range, meaning and source."""
    from snp.simulation.facts import described  # noqa: PLC0415 - slow to import

    table = Table("Paramètre", "Valeur", "Défaut", "Intervalle", "Sens", "Source", title="Hypothèses")
    for item in described(parameters):
        shown = [f"{value:g}".replace(".", ",") for value in (item.value, item.default, item.low, item.high)]
        table.add_row(item.name, *shown[:2], f"{shown[2]} – {shown[3]}", item.meaning, item.source)
    console.print(table)


def show_calls(console: Console, scene: Territory) -> None:
    """Print what the calls of a week come to."""
    from snp.simulation.territory import dispositions  # noqa: PLC0415 - slow to import

    parts = [f"{name} {number(calls)}" for name, calls in dispositions(scene).items()]
    console.print(f"Par semaine ({scene.name}) : {', '.join(parts)}.")


def show_results(console: Console, runs: list[Run], parameters: TerritoryParameters) -> None:
    """Print what each policy comes to on each scene: the service given, then how fairly."""
    from snp.simulation.reports import outcomes  # noqa: PLC0415 - slow to import

    service = Table(
        "Scène", "Politique", "Part de la clairvoyance", "Servies dans le délai", "Vues", "Attente (h)",
        "Distance (km, par la route)", title="Résultats, intervalle à 95 %",
    )  # fmt: skip
    fairness = Table(
        "Scène", "Politique", "P3 mises en attente", "Écart entre communes", "Écart entre praticiens",
        f"Annulations comblées ({REFILL})", "Promesses rompues", title="Équité et attente",
    )  # fmt: skip
    for o in outcomes(runs, no_show=parameters.no_show):
        service.add_row(
            o.scene, o.policy, _percent(o.score), _percent(o.served_share), _percent(o.seen_share),
            _plain(o.wait_h), _plain(o.km, parameters.road_factor),
        )  # fmt: skip
        fairness.add_row(
            o.scene, o.policy, _percent(o.kept_p3), _percent(o.places), _percent(o.practitioners),
            _percent(o.refilled), str(o.broken),
        )  # fmt: skip
    console.print(service)
    console.print(fairness)


def _percent(figure: Figure) -> str:
    return f"{number(100 * figure.mean)} % ± {number(100 * figure.half_width)}"


def _plain(figure: Figure, factor: float = 1.0) -> str:
    return f"{number(factor * figure.mean)} ± {number(factor * figure.half_width)}"
