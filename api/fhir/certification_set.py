"""The set of a certification: five invented practitioners and two CPTS, each for what some tests want. Data.

Numbers, phones and names are in ranges that are not given out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from slots.agenda.facts import SasView
from snp.assignment.facts import Audience, Mode
from snp.directory.facts import SiteDetails

_INDIVIDUAL: Final = frozenset({SasView.INDIVIDUAL})
_CPTS: Final = frozenset({SasView.CPTS})


@dataclass(frozen=True, slots=True)
class Terms:
    """How one slot of a fixture is offered: `cpts` by number, `place` by rank among the practitioner's."""

    mode: Mode = Mode.AMB
    audiences: frozenset[Audience] = frozenset({Audience.REGULATION})
    sas: frozenset[SasView] = _INDIVIDUAL
    cpts: tuple[int, ...] = (1,)
    place: int = 0
    reasons: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fixture:
    """A practitioner of the set; his slots follow his terms in turn."""

    rpps: str
    given_name: str
    family_name: str
    places: tuple[SiteDetails, ...]
    terms: tuple[Terms, ...] = ()
    cpts: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True)
class FixtureSet:
    """The numbers that a test run is told."""

    rpps: str
    rpps2: str
    rpps_none: str
    rpps_multilieux: str
    rpps_cpts2: str
    cpts_finess: str
    cpts_finess2: str

    def arguments(self, base_url: str) -> str:
        """Return the line of arguments of a test run, with national ids in their prefixed form."""
        people = ("rpps", "rpps2", "rpps_none", "rpps_multilieux", "rpps_cpts2")
        told = [("base-url", base_url)]
        told += [(name.replace("_", "-"), f"8{getattr(self, name)}") for name in people]
        told += [
            (name.replace("_", "-"), f"1{getattr(self, name)}") for name in ("cpts_finess", "cpts_finess2")
        ]
        return " ".join(f"--{name} {value}" for name, value in told)


def _place(
    name: str,
    address: str,
    insee: str,
    postal_code: str,
    phone: str,
    *,
    finess: str | None = None,
    siret: str | None = None,
) -> SiteDetails:
    return SiteDetails(name, address, postal_code, insee, phone=phone, finess=finess, siret=siret)


_REGULATION: Final = Audience.REGULATION
_EVERY_KIND: Final = (
    Terms(),
    Terms(Mode.VR, frozenset({_REGULATION, Audience.PUBLIC})),
    Terms(Mode.HH, frozenset({_REGULATION, Audience.PROFESSIONALS}), reasons=frozenset({"sore_throat"})),
    Terms(sas=_CPTS),
    Terms(
        audiences=frozenset({_REGULATION, Audience.PUBLIC, Audience.PROFESSIONALS}), sas=_INDIVIDUAL | _CPTS
    ),
)
CPTS_NAMES: Final = {
    1: ("essai-sas-1", "CPTS d’essai SAS 1", "440999910", "+33261910041"),
    2: ("essai-sas-2", "CPTS d’essai SAS 2", "440999928", "+33261910042"),
}
SET: Final = FixtureSet(
    rpps="10999990012",
    rpps2="10999990020",
    rpps_none="10999990038",
    rpps_multilieux="10999990046",
    rpps_cpts2="10999990053",
    cpts_finess=CPTS_NAMES[1][2],
    cpts_finess2=CPTS_NAMES[2][2],
)
PRACTITIONERS: Final = (
    Fixture(
        SET.rpps,
        "Inès",
        "Essai-Delorme",
        (
            _place(
                "Cabinet d’essai A",
                "12 bis rue des Tanneurs",
                "44131",
                "44210",
                "+33261910051",
                finess="440999936",
            ),
        ),
        _EVERY_KIND,
    ),
    Fixture(
        SET.rpps2,
        "Loïc",
        "Essai-Briand",
        (
            _place(
                "Cabinet d’essai B",
                "3 place du Marché",
                "44131",
                "44210",
                "+33261910052",
                siret="99999991200010",
            ),
        ),
        (Terms(),),
    ),
    Fixture(
        SET.rpps_none,
        "Maud",
        "Essai-Sansplace",
        (_place("Cabinet d’essai C", "8 rue de l’Église", "44131", "44210", "+33261910053"),),
    ),
    Fixture(
        SET.rpps_multilieux,
        "Yann",
        "Essai-Deuxlieux",
        (
            _place(
                "Cabinet d’essai D1", "1 rue du Port", "44131", "44210", "+33261910054", finess="440999944"
            ),
            _place(
                "Cabinet d’essai D2", "27 rue de Nantes", "44012", "44760", "+33261910055", finess="440999951"
            ),
        ),
        (Terms(place=0), Terms(place=1)),
    ),
    Fixture(
        SET.rpps_cpts2,
        "Awa",
        "Essai-Deuxcpts",
        (
            _place(
                "Cabinet d’essai E1", "5 rue des Halles", "44131", "44210", "+33261910056", finess="440999969"
            ),
            _place(
                "Cabinet d’essai E2",
                "14 route de Pornic",
                "44012",
                "44760",
                "+33261910057",
                finess="440999977",
            ),
        ),
        (
            Terms(sas=_CPTS, cpts=(1,), place=0),
            Terms(sas=_CPTS, cpts=(2,), place=1),
            Terms(sas=_CPTS, cpts=(1, 2), place=0),
            Terms(sas=_CPTS, cpts=(1, 2), place=1),
        ),
        (1, 2),
    ),
)
