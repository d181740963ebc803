"""Facts written as FHIR read back as the same facts, whatever they are; and nothing is ever written empty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from hypothesis import given
from hypothesis import strategies as st

from api.fhir import mapping
from api.fhir.elements import role_id, role_of
from api.fhir.facts import Findings, Telling
from slots.agenda.facts import SasSlot, SasTerms, SasView
from snp.assignment.facts import Audience, Mode
from snp.directory.facts import CarerCard, CptsCard, PlaceCard

CARER, SITE, IDENT = (UUID(int=n) for n in (1, 2, 3))
CPTS = (UUID(int=11), UUID(int=12))
START = datetime(2026, 1, 1, tzinfo=UTC)
TELLING = Telling(
    "https://fhir.test/fhir", lambda who, slot: f"https://pages.test/sas/agenda?ps={who}&slot={slot}"
)
AUDIENCES = {"PUBLIC": Audience.PUBLIC, "PRO": Audience.PROFESSIONALS, "SNP": Audience.REGULATION}
texts = st.text(min_size=1, max_size=20).filter(str.strip)

terms = st.builds(
    SasTerms,
    practitioner_id=st.just(CARER),
    site_id=st.just(SITE),
    mode=st.sampled_from(Mode),
    audiences=st.frozensets(st.sampled_from(Audience)).map(lambda some: some | {Audience.REGULATION}),
    territory_ids=st.lists(st.sampled_from(CPTS), min_size=1, unique=True).map(tuple),
    reasons=st.lists(texts, max_size=3, unique=True).map(tuple),
    sas=st.frozensets(st.sampled_from(SasView), min_size=1),
)
slots = st.builds(
    SasSlot,
    id=st.uuids(),
    terms=terms,
    start=st.integers(0, 500_000).map(lambda minutes: START + timedelta(minutes=minutes)),
    end=st.just(START + timedelta(days=800)),
)
places = st.builds(
    PlaceCard,
    site_id=st.just(SITE),
    name=texts,
    address=texts,
    postal_code=st.from_regex(r"[0-9]{5}", fullmatch=True),
    city=texts,
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    phone=st.none() | st.sampled_from(["+33261910012", "+262262123456", "+3212345678", ""]),
    finess=st.none() | st.just("440000271"),
    siret=st.none() | st.just("73282932000074"),
    organisation_id=st.none(),
    organisation_name=st.none(),
    organisation_finess=st.none() | st.just("440000289"),
    organisation_siret=st.none(),
    rpps_rangs=st.sampled_from([{}, {CARER: "10003456786001"}, {CARER: "1"}]),
)
carers = st.builds(
    CarerCard,
    id=st.just(CARER),
    rpps=st.just("10003456786"),
    adeli=st.none() | st.just("447001231"),
    given_name=texts,
    family_name=texts,
    specialty_code=st.none() | st.sampled_from(["SM54", "rhumato", ""]),
    phone=st.none() | st.just("+33261910013"),
)


def found(some: list[SasSlot], carer: CarerCard, place: PlaceCard, *, by_cpts: bool) -> Findings:
    cards = {ident: CptsCard(ident, f"CPTS {ident.int}", "440000297", None) for ident in CPTS}
    return Findings(some, {CARER: carer}, {SITE: place}, cards if by_cpts else {}, by_cpts=by_cpts)


def told(facts: Findings) -> dict[str, Any]:
    bundle = mapping.search_bundle(facts, TELLING, ident=IDENT, self_url="https://fhir.test/fhir/Slot?x")
    read: dict[str, Any] = orjson.loads(orjson.dumps(bundle))
    return read


def resources(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [e["resource"] for e in bundle.get("entry", []) if e["resource"]["resourceType"] == kind]


@given(st.lists(slots, unique_by=lambda slot: slot.id), carers, places, st.booleans())
def test_slots_read_back(some: list[SasSlot], carer: CarerCard, place: PlaceCard, by_cpts: bool) -> None:
    facts = found(some, carer, place, by_cpts=by_cpts)

    written = resources(told(facts), "Slot")

    assert len(written) == len(some)
    for slot, read in zip(some, written, strict=True):
        assert UUID(read["id"]) == slot.id
        assert datetime.fromisoformat(read["start"]) == slot.start
        assert datetime.fromisoformat(read["end"]) == slot.end
        assert role_of(read["schedule"]["reference"].removeprefix("Schedule/")) == (CARER, SITE)
        codes = {tag["code"] for tag in read["meta"]["security"]}
        individually = SasView.INDIVIDUAL in slot.terms.sas
        assert {AUDIENCES[code] for code in codes - {"CPTS"}} == (
            slot.terms.audiences - {Audience.DESK} if individually else set()
        )
        assert ("CPTS" in codes) == (by_cpts and SasView.CPTS in slot.terms.sas)
        first, *others = read["serviceType"]
        assert first["coding"][0]["code"] == slot.terms.mode
        assert tuple(kind["text"] for kind in others if "text" in kind) == slot.terms.reasons
        links = [
            kind["extension"][0]["valueReference"]["reference"] for kind in others if "extension" in kind
        ]
        expected = slot.terms.territory_ids if "CPTS" in codes else ()
        assert links == [f"HealthcareService/{ident}" for ident in expected]


@given(st.lists(slots, min_size=1, unique_by=lambda slot: slot.id), carers, places, st.booleans())
def test_nothing_is_written_empty_and_references_resolve(
    some: list[SasSlot], carer: CarerCard, place: PlaceCard, by_cpts: bool
) -> None:
    some = [slot for slot in some if by_cpts or SasView.INDIVIDUAL in slot.terms.sas]
    bundle = told(found(some, carer, place, by_cpts=by_cpts))
    entries = bundle["entry"] if some else []
    known = {entry["fullUrl"].removeprefix(f"{TELLING.base}/") for entry in entries}

    def walk(value: Any) -> None:
        assert value not in (None, "", [], {})
        if isinstance(value, dict):
            reference = value.get("reference", "#")
            assert reference.startswith("#") or reference in known
            for inner in value.values():
                walk(inner)
        if isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(bundle)
    assert len(known) == len(entries)
    assert bundle["total"] == len(some)


@given(carers, places)
def test_a_role_reads_back(carer: CarerCard, place: PlaceCard) -> None:
    role = mapping.practitioner_role(carer, place)

    numbers = (place.finess, place.organisation_finess, place.siret, place.rpps_rangs.get(CARER))
    named = role.get("organization", {}).get("identifier", {}).get("value")
    if place.finess or place.organisation_finess:
        assert named == f"1{place.finess or place.organisation_finess}"
    elif place.siret:
        assert named == f"3{place.siret}"
    else:
        assert named == (f"4{numbers[3]}" if numbers[3] and len(numbers[3]) == 14 else None)
    (location,) = role["contained"]
    assert location["address"]["postalCode"] == place.postal_code
    shown = [each["value"] for each in role.get("telecom", [])]
    assert shown in ([], [place.phone or carer.phone])


@given(carers)
def test_a_practitioner_is_known_first_by_his_rpps(carer: CarerCard) -> None:
    values = [each["value"] for each in mapping.practitioner(carer)["identifier"]]

    assert values == [f"8{carer.rpps}", *([f"0{carer.adeli}"] if carer.adeli else [])]


@given(st.uuids(), st.uuids())
def test_the_id_of_a_role_reads_back_and_fits(who: UUID, where: UUID) -> None:
    ident = role_id(who, where)

    assert role_of(ident) == (who, where)
    assert len(ident) == 64
