"""What a search takes and refuses, and which slots it never shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from api.fhir.certification_set import SET
from snp.directory import service as directory
from snp.directory.facts import Preferences
from tests.support.directory import ADMINISTRATOR
from tests.support.fhir import IDENTIFIERS, RPPS_SYSTEM, Answer, Platform, national, slot_query
from tests.support.http import World, expect, publish, seeking_request

SLOT_AT = "2026-11-25T10:00:00+01:00"


def refused(platform: Platform, query: str, code: str, *, names: str = "") -> dict[str, Any]:
    """The one issue of a search refused with 400."""
    answer = platform.ask(query)
    outcome = expect(answer, 400)
    assert answer.headers["content-type"] == "application/fhir+json"
    assert outcome["resourceType"] == "OperationOutcome"
    (issue,) = outcome["issue"]
    assert (issue["severity"], issue["code"]) == ("error", code)
    assert names in issue["details"]["text"]
    return dict(issue)


# Parameters


@pytest.mark.parametrize(
    ("missing", "name"),
    [
        ("from", "start"),
        ("until", "start"),
        ("who", IDENTIFIERS),
        ("status", "status"),
        ("include", "_include"),
        ("iterate", "_include"),
    ],
)
def test_a_missing_parameter_is_refused_by_name(platform: Platform, missing: str, name: str) -> None:
    query = slot_query(platform.now, SET.rpps, cpts=platform.cpts, **{missing: None})

    refused(platform, query, "required", names=name)


@pytest.mark.parametrize("more", ["specialty=SM54", "_sort=start", "foo", "start:exact=ge2026-11-25"])
def test_an_unknown_parameter_is_refused(individually: Platform, more: str) -> None:
    query = f"{slot_query(individually.now, SET.rpps)}&{more}"

    refused(individually, query, "not-supported", names=more.partition("=")[0])


@pytest.mark.parametrize(
    "more",
    ["status=free", f"{IDENTIFIERS}={RPPS_SYSTEM}%7C810999990020", "start=ge2026-11-25", "_count=1&_count=2"],
)
def test_a_repeated_parameter_is_refused(individually: Platform, more: str) -> None:
    refused(individually, f"{slot_query(individually.now, SET.rpps)}&{more}", "invalid")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"from": "ge2026-13-01T10:00:00Z"}, "value"),
        ({"from": "gedemain"}, "value"),
        ({"from": "ge2026-11-25T25:00:00Z"}, "value"),
        ({"from": "2026-11-25T10:00:00Z"}, "value"),
        ({"from": "gt2026-11-25T10:00:00Z"}, "value"),
        ({"from": ""}, "value"),
        ({"until": "ge2026-11-25T10:00:00Z"}, "invalid"),
        ({"status": "busy"}, "not-supported"),
        ({"who": "810999990012"}, "value"),
        ({"who": f"{RPPS_SYSTEM}|"}, "value"),
        ({"who": "|810999990012"}, "value"),
        ({"who": f"{RPPS_SYSTEM}|810999990012,"}, "value"),
        ({"include": "Slot:patient"}, "not-supported"),
    ],
)
def test_a_malformed_value_is_refused(individually: Platform, change: dict[str, str], code: str) -> None:
    refused(individually, slot_query(individually.now, SET.rpps, **change), code)


def test_a_query_that_is_no_utf_8_is_refused(individually: Platform) -> None:
    refused(individually, f"{slot_query(individually.now, SET.rpps)}&x=%E9", "invalid")


@pytest.mark.parametrize("count", ["0", "-1", "beaucoup", "1.5"])
def test_a_count_must_be_a_number(individually: Platform, count: str) -> None:
    refused(individually, f"{slot_query(individually.now, SET.rpps)}&_count={count}", "value")


def test_everything_comes_in_one_page(platform: Platform) -> None:
    query = slot_query(platform.now, SET.rpps, cpts=platform.cpts)
    whole = Answer(platform.ask(query))

    counted = Answer(platform.ask(f"{query}&_count=1"))

    assert counted.bundle["total"] == whole.bundle["total"] == len(counted.slots) > 1
    assert [link["relation"] for link in counted.bundle["link"]] == ["self"]


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-25T10:00:00",
        "2026-11-25T10:00:00.000",
        "2026-11-25T10:00:00.000+01:00",
        "2026-11-25T09:00:00%2B00:00",
        "2026-11-25T09:00:00+00:00",
        "2026-11-25T09:00:00.000Z",
        "2026-11-25T10:00",
    ],
)
def test_a_bound_is_read_in_every_spelling(individually: Platform, written: str) -> None:
    query = slot_query(individually.now, SET.rpps, **{"from": None})

    found = Answer(individually.ask(f"start=ge{written}&{query}"))

    assert {slot["start"] for slot in found.slots} == {
        slot["start"]
        for slot in individually.search(SET.rpps).slots
        if slot["start"] >= "2026-11-25T09:00:00.000+00:00"
    }


def test_both_bounds_are_included(individually: Platform) -> None:
    (first, second, *_) = sorted(slot["start"] for slot in individually.search(SET.rpps).slots)

    found = individually.search(SET.rpps, **{"from": f"ge{first}", "until": f"le{second}"})

    assert [slot["start"] for slot in found.slots] == [first, second]


def test_a_window_without_an_instant_is_empty(individually: Platform) -> None:
    later = (individually.now + timedelta(days=2)).isoformat()

    assert (
        individually.search(SET.rpps, **{"from": f"ge{later}", "until": f"le{SLOT_AT}"}).bundle["total"] == 0
    )


@pytest.mark.parametrize("blank", [", ", "%2C+", "%2C%20"])
def test_a_blank_after_the_comma_is_tolerated(individually: Platform, blank: str) -> None:
    one, other = quote(national(SET.rpps), safe=":"), quote(national(SET.rpps2), safe=":")
    query = slot_query(individually.now, who=None)

    found = Answer(individually.ask(f"{query}&{IDENTIFIERS}={one}{blank}{other}"))

    assert len(found.of("Practitioner")) == 2


def test_more_than_twenty_five_practitioners_are_answered(individually: Platform) -> None:
    strangers = [f"1000{number:07d}" for number in range(40)]

    found = individually.search(*strangers, SET.rpps, SET.rpps2)

    assert len(found.of("Practitioner")) == 2


def test_a_number_of_another_system_or_form_matches_nobody(individually: Platform) -> None:
    for token in (
        f"urn:oid:1.2.250.1.71.4.2.2|8{SET.rpps}",
        f"{RPPS_SYSTEM}|{SET.rpps}",
        f"{RPPS_SYSTEM}|0{SET.rpps}",
        f"{RPPS_SYSTEM}|8{SET.rpps}'; DROP TABLE slot",
    ):
        assert individually.search(who=token).bundle["total"] == 0


def test_the_services_of_cpts_come_even_when_their_organizations_are_not_asked_for(
    by_cpts: Platform,
) -> None:
    found = by_cpts.search(SET.rpps, iterate_cpts=None)

    assert found.of("Organization")


def test_the_format_may_be_appended_and_the_address_end_with_a_slash(individually: Platform) -> None:
    query = f"{slot_query(individually.now, SET.rpps)}&_format=application/fhir%2Bjson"

    answer = individually.caller.get(f"/fhir/Slot/?{query}")

    assert Answer(answer).bundle["link"][0]["url"] == str(answer.request.url)


# Slots that are never shown


@pytest.fixture(params=[False, True], ids=["PS", "CPTS"])
def seen(request: pytest.FixtureRequest, world: World) -> Any:
    """The ids of the slots that the platform sees of the general practitioner, in each mode."""
    with world.service.session() as session:
        session.execute(sa.text("UPDATE territory SET finess = '440000271' WHERE slug = 'pays-de-retz'"))

    def ids() -> list[str]:
        platform = Platform(world.service.caller(), world.service.clock.now(), cpts=request.param)
        return [slot["id"] for slot in platform.search(world.gp.rpps or "").slots]

    return ids


def test_a_free_slot_of_the_regulation_is_shown(world: World, seen: Any) -> None:
    slot = publish(world, SLOT_AT)

    assert seen() == [slot["id"]]


def test_a_slot_that_is_not_for_the_regulation_is_not_shown(world: World, seen: Any) -> None:
    publish(world, SLOT_AT, audiences=["desk", "professionals", "public"])

    assert seen() == []


def test_a_slot_that_its_practitioner_keeps_from_the_platform_is_not_shown(world: World, seen: Any) -> None:
    slot = publish(world, SLOT_AT, sas=[])
    assert seen() == []

    changed = world.administrator.patch(
        f"/api/v1/slots/{slot['id']}",
        json={"sas": ["individual", "cpts"]},
        headers={"If-Match": f'"{slot["version"]}"'},
    )

    assert expect(changed, 200)["sas"] == ["cpts", "individual"]
    assert seen() == [slot["id"]]


def test_a_practitioner_who_does_not_consent_is_not_shown(world: World, seen: Any) -> None:
    publish(world, SLOT_AT)
    with world.service.session() as session:
        directory.set_preferences(
            session,
            world.gp.id,
            Preferences(offer_to_sas=False),
            version=world.gp.version,
            by=ADMINISTRATOR,
            now=world.service.clock.now(),
        )

    assert seen() == []


def test_held_and_taken_slots_are_not_shown(world: World, seen: Any) -> None:
    slot = publish(world, SLOT_AT)
    request = seeking_request(world)
    held = expect(
        world.osnp.post("/api/v1/holds", json={"request_id": request["id"], "slot_ids": [slot["id"]]}), 201
    )
    assert seen() == []

    expect(world.osnp.post(f"/api/v1/holds/{held['bundle_id']}/confirm"), 201)
    assert seen() == []


def test_a_hold_that_ran_out_gives_the_slot_back(world: World, seen: Any) -> None:
    slot = publish(world, SLOT_AT)
    request = seeking_request(world)
    expect(
        world.osnp.post("/api/v1/holds", json={"request_id": request["id"], "slot_ids": [slot["id"]]}), 201
    )

    world.service.later(minutes=10)

    assert seen() == [slot["id"]]


def test_a_slot_under_an_absence_is_not_shown(world: World, seen: Any) -> None:
    publish(world, SLOT_AT)
    away = {
        "practitioner_id": str(world.gp.id),
        "start": "2026-11-25T08:00:00+01:00",
        "end": "2026-11-25T12:00:00+01:00",
    }
    expect(world.administrator.post("/api/v1/absences", json=away), 201)

    assert seen() == []


def test_a_slot_that_began_is_not_shown_though_the_window_holds_it(world: World) -> None:
    publish(world, SLOT_AT)
    asked_at = world.service.clock.now()
    world.service.at(asked_at + timedelta(days=1))

    platform = Platform(world.service.caller(), asked_at, cpts=False)

    assert platform.search(world.gp.rpps or "").slots == []


def test_a_slot_due_for_release_is_not_shown(world: World, seen: Any) -> None:
    publish(world, SLOT_AT, release_minutes=1080)
    assert seen() != []

    world.service.later(hours=7)  # less than eighteen hours before its start

    assert seen() == []


def test_a_cpts_without_a_number_cannot_show_its_slots(world: World) -> None:
    publish(world, SLOT_AT, sas=["cpts"])

    platform = Platform(world.service.caller(), world.service.clock.now(), cpts=True)
    found = platform.search(world.gp.rpps or "")

    assert found.slots == []


def test_a_practitioner_without_rpps_is_found_by_his_adeli(world: World) -> None:
    publish(world, SLOT_AT, practitioner=world.physio.id)
    with world.service.session() as session:
        session.execute(
            sa.text("UPDATE practitioner SET rpps = NULL, adeli = '447001231' WHERE id = :id"),
            {"id": world.physio.id},
        )
    platform = Platform(world.service.caller(), world.service.clock.now(), cpts=False)

    found = platform.search(who=f"{RPPS_SYSTEM}|0447001231")

    (practitioner,) = found.of("Practitioner")
    assert [each["value"] for each in practitioner["identifier"]] == ["0447001231"]


def test_a_place_without_number_is_known_by_the_activity_there(world: World) -> None:
    publish(world, SLOT_AT)
    with world.service.session() as session:
        session.execute(
            sa.text("UPDATE practitioner_site SET rpps_rang = '10999990012001' WHERE practitioner_id = :id"),
            {"id": world.gp.id},
        )
    platform = Platform(world.service.caller(), world.service.clock.now(), cpts=False)

    (role,) = platform.search(world.gp.rpps or "").of("PractitionerRole")

    assert role["organization"]["identifier"]["value"] == "410999990012001"


def test_a_search_takes_as_many_statements_for_many_as_for_one(platform: Platform, certified: Any) -> None:
    def statements(*rpps: str) -> int:
        count = 0

        def counted(*_: Any) -> None:
            nonlocal count
            count += 1

        engine = certified.wiring.engine
        sa.event.listen(engine, "before_cursor_execute", counted)
        try:
            platform.search(*rpps)
        finally:
            sa.event.remove(engine, "before_cursor_execute", counted)
        return count

    one, many = statements(SET.rpps), statements(SET.rpps, SET.rpps2, SET.rpps_multilieux, SET.rpps_cpts2)

    assert one == many == (4 if platform.cpts else 3), "practitioners, slots, places, and CPTS"
