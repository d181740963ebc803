"""Who is on stage: two CPTS, their places and carers, and what each offers every week. Pure.

The shape is that of the two organisations the project models: in the Pays de Retz 20 GPs offer two slots a
week and more on some days, 11 physiotherapists two each, an MSP takes turns; in Terres de Montaigu a good
half of the GPs volunteer and a centre de SNP holds shifts. Two GPs of Legé take part from outside the
perimeters, one of them in both CPTS.

Source: F. Guillaud, Les CPTS, thesis, Nantes 2023.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import time
from typing import Final

from api.demo import invented
from api.demo.facts import GP, PHYSIO, Carer, Cast, Opening, Place
from snp.assignment.facts import Audience, Mode
from snp.directory.facts import OrganisationKind

RETZ: Final = "pays-de-retz"
MONTAIGU: Final = "terres-de-montaigu"
TERRITORY_NAMES: Final = {RETZ: "CPTS du Pays de Retz", MONTAIGU: "CPTS Terres de Montaigu"}
DEPARTMENTS: Final = {RETZ: "44", MONTAIGU: "85"}

_CALLS: Final = frozenset({Audience.REGULATION})
_OPEN: Final = frozenset({Audience.REGULATION, Audience.DESK})
_PROFESSIONALS: Final = frozenset({Audience.PROFESSIONALS})

_PHARMACIES: Final = (
    *(
        ("44131", "Pharmacie du Môle"),
        ("44131", "Pharmacie de la Source"),
        ("44154", "Pharmacie de l’Estuaire"),
    ),
    *(("44186", "Pharmacie du Lac"), ("44005", "Pharmacie d’Arthon"), ("44182", "Pharmacie de Tharon")),
    *(("44021", "Pharmacie du Marais"), ("44116", "Pharmacie du Quai"), ("85146", "Pharmacie de la Gare")),
    *(
        ("85146", "Pharmacie des Remparts"),
        ("85076", "Pharmacie de la Moine"),
        ("85190", "Pharmacie du Bocage"),
    ),
)
_NURSES: Final = (
    *(("44131", "Cabinet infirmier de la Ria"), ("44187", "Cabinet infirmier des Dunes")),
    *(("44012", "Cabinet infirmier du Casino"), ("85262", "Cabinet infirmier de Bouaine")),
)
_GP_TOWNS: Final = {
    RETZ: (
        *("44131", "44131", "44131", "44131", "44154", "44154", "44005", "44005", "44182", "44126"),
        *("44021", "44012", "44145", "44187", "44116"),
    ),
    MONTAIGU: ("85146", "85146", "85146", "85146", "85076", "85039", "85197", "85262", "85190", "85295"),
}
_PHYSIO_TOWNS: Final = (
    *("44131", "44131", "44154", "44154", "44186", "44005", "44182", "44126", "44021", "44187", "44133"),
)
_MSP_TOWN: Final = "44186"
_CENTRE_TOWN: Final = "85146"
_LEGE: Final = "44081"
_AFTERNOONS: Final = {1: ("MO", "WE", "FR"), 3: ("TU", "TH")}
"""Two practices of each CPTS's first town take turns in the afternoon: whoever tries a desk finds a slot."""
_HALF_DAYS: Final = (
    *((("MO", "TH"), time(12, 0)), (("TU", "FR"), time(12, 15)), (("WE", "MO"), time(18, 0))),
    *((("TU", "TH"), time(8, 30)), (("FR", "WE"), time(11, 30)), (("MO", "FR"), time(17, 30))),
)


def build_cast(seed: int) -> Cast:
    """Return the whole cast; the same seed gives the same one."""
    rng = random.Random(f"cast:{seed}")  # noqa: S311 - invented people, no secret
    places = [*_desks(rng), *_practices(rng)]
    carers = [*_doctors(rng), *_shared_house(rng), *_centre(rng), *_outsiders(rng), *_physios(rng)]
    return Cast(tuple(places), tuple(carers))


def desks_of(territory: str) -> list[str]:
    """Return the keys of the pharmacies and nurse practices of a territory."""
    department = DEPARTMENTS[territory]
    pharmacies = [f"pharmacy-{n}" for n, (insee, _) in enumerate(_PHARMACIES, 1) if insee[:2] == department]
    return pharmacies + [f"nurses-{n}" for n, (insee, _) in enumerate(_NURSES, 1) if insee[:2] == department]


def _desks(rng: random.Random) -> Iterator[Place]:
    for number, (insee, name) in enumerate(_PHARMACIES, start=1):
        yield _place(rng, f"pharmacy-{number}", OrganisationKind.PHARMACY, name, insee, number=100 + number)
    for number, (insee, name) in enumerate(_NURSES, start=1):
        yield _place(
            rng, f"nurses-{number}", OrganisationKind.NURSE_PRACTICE, name, insee, number=200 + number
        )


def _practices(rng: random.Random) -> Iterator[Place]:
    number = 300
    for towns in _GP_TOWNS.values():
        for insee in towns:
            number += 1
            name = f"Cabinet médical {number - 300}"
            yield _place(rng, f"practice-{number}", OrganisationKind.CABINET, name, insee, number=number)
    for position, insee in enumerate(_PHYSIO_TOWNS, start=401):
        name = f"Cabinet de kinésithérapie {position - 400}"
        yield _place(rng, f"practice-{position}", OrganisationKind.CABINET, name, insee, number=position)
    yield _place(rng, "lege", OrganisationKind.CABINET, "Cabinet médical de la Logne", _LEGE, number=501)
    yield _place(rng, "msp", OrganisationKind.MSP, "Maison de santé du Lac", _MSP_TOWN, number=502)
    centre = "Centre de soins non programmés de Montaigu"
    yield _place(rng, "centre", OrganisationKind.CENTRE_SNP, centre, _CENTRE_TOWN, number=503)


def _place(
    rng: random.Random, key: str, kind: OrganisationKind, name: str, insee: str, *, number: int
) -> Place:
    numbered = kind is not OrganisationKind.CABINET and kind is not OrganisationKind.NURSE_PRACTICE
    both = (RETZ, MONTAIGU) if insee == _LEGE else ()
    return Place(
        key=key,
        kind=kind,
        name=name,
        address=invented.address(rng),
        insee=insee,
        finess=invented.finess(insee[:2], number) if numbered else None,
        siret=invented.siret(number),
        phone=invented.office_phone(number),
        territories=both or ((RETZ,) if insee.startswith("44") else (MONTAIGU,)),
    )


def _doctors(rng: random.Random) -> Iterator[Carer]:
    """GPs alone in their practice: two slots a week each, and more on some days for some."""
    number = 300
    for territory, towns in _GP_TOWNS.items():
        for position in range(len(towns)):
            number += 1
            days, starts_at = _HALF_DAYS[position % len(_HALF_DAYS)]
            audiences = _CALLS if position % 5 == 4 else _OPEN
            mode = Mode.VR if position in {6, 9} else Mode.AMB
            openings = [Opening(days, starts_at, 1, mode, audiences, 60 if position % 2 else None)]
            if position % 6 == 0:
                openings.append(Opening(("MO",), time(14, 0), 2))
            if position % 8 == 1:
                openings.append(Opening(("SA",), time(9, 0), 2))
            if position == 2:
                openings.append(Opening(("WE",), time(14, 0), 1, Mode.HH, _CALLS))
            if position in _AFTERNOONS:
                openings.append(Opening(_AFTERNOONS[position], time(15, 0), 6))
            yield _carer(rng, number, GP, f"practice-{number}", (territory,), openings=tuple(openings))


def _shared_house(rng: random.Random) -> Iterator[Carer]:
    """The MSP: one of four doctors holds the slots each day, in turns."""
    for position, day in enumerate(("MO", "TU", "TH", "FR")):
        openings = (Opening((day,), time(10, 0), 2), Opening((day,), time(16, 0), 1, release_minutes=120))
        yield _carer(rng, 510 + position, GP, "msp", (RETZ,), openings=openings)


def _centre(rng: random.Random) -> Iterator[Carer]:
    """The centre de SNP: two doctors of the CPTS hold a shift each."""
    noon = (Opening(("MO", "WE", "FR"), time(13, 0), 3),)
    morning = (Opening(("TU", "TH", "SA"), time(9, 0), 2),)
    yield _carer(rng, 520, GP, "centre", (MONTAIGU,), openings=noon)
    yield _carer(rng, 521, GP, "centre", (MONTAIGU,), openings=morning)


def _outsiders(rng: random.Random) -> Iterator[Carer]:
    """The GPs of Legé, outside both perimeters."""
    one, both = (MONTAIGU,), (RETZ, MONTAIGU)
    yield _carer(rng, 530, GP, "lege", one, openings=(Opening(("TU", "FR"), time(11, 0), 1),))
    yield _carer(rng, 531, GP, "lege", both, openings=(Opening(("MO", "TH"), time(17, 0), 1),))


def _physios(rng: random.Random) -> Iterator[Carer]:
    for position in range(len(_PHYSIO_TOWNS)):
        days, starts_at = _HALF_DAYS[position % len(_HALF_DAYS)]
        opening = Opening(days, starts_at, 1, Mode.AMB, _PROFESSIONALS)
        yield _carer(rng, 401 + position, PHYSIO, f"practice-{401 + position}", (RETZ,), openings=(opening,))


def _carer(
    rng: random.Random,
    number: int,
    profession: str,
    place: str,
    territories: tuple[str, ...],
    *,
    openings: tuple[Opening, ...],
) -> Carer:
    given, family = invented.person_name(rng)
    doctor = profession == GP
    return Carer(
        key=f"carer-{number}",
        rpps=invented.rpps(number),
        title="Dr" if doctor else None,
        given_name=given,
        family_name=family,
        profession=profession,
        specialty_code="SM54" if doctor else None,
        phone=invented.mobile_phone(number),
        place=place,
        territories=territories,
        openings=openings,
    )
