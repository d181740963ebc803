"""Booking through the real server: one slot has one taker, whoever asks at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import sqlalchemy as sa

from tests.support.http import (
    NOW,
    World,
    a_patient,
    an_offer,
    book,
    expect,
    open_request,
    publish,
    refused,
    seeking_request,
)

SLOT = NOW + timedelta(hours=4)
CROWD = 50


def test_a_request_is_proposed_held_and_booked(world: World) -> None:
    publish(world, SLOT)
    request = seeking_request(world)

    appointment = book(world, request["id"])

    assert appointment["status"] == "booked"
    assert len(appointment["patient_code"]) == 11
    again = expect(world.osnp.get(f"/api/v1/requests/{request['id']}"), 200)
    assert again["state"] == "booked"


def test_the_loser_of_a_hold_gets_fresh_proposals_and_can_hold_one(world: World) -> None:
    wanted = publish(world, SLOT)
    other = publish(world, SLOT + timedelta(hours=1))
    first, second = seeking_request(world), seeking_request(world, patient=a_patient(given_name="Zoé"))
    proposals = expect(world.osnp.post(f"/api/v1/requests/{second['id']}/proposals", json={}), 200)
    proposal = proposals["proposals"][0]
    assert proposal["slots"][0]["slot_id"] == wanted["id"]
    book(world, first["id"])

    problem = refused(
        world.osnp.post("/api/v1/holds", json={"proposal_id": proposal["id"]}), 409, "slot-already-taken"
    )

    fresh = problem["proposals"]["proposals"][0]["slots"][0]["slot_id"]
    assert fresh == other["id"]
    chosen = {"request_id": second["id"], "slot_ids": [fresh]}
    expect(world.osnp.post("/api/v1/holds", json=chosen), 201)


def test_a_hold_confirmed_too_late_is_refused(world: World) -> None:
    publish(world, SLOT)
    request = seeking_request(world)
    found = expect(world.osnp.post(f"/api/v1/requests/{request['id']}/proposals", json={}), 200)
    held = expect(world.osnp.post("/api/v1/holds", json={"proposal_id": found["proposals"][0]["id"]}), 201)

    world.service.later(minutes=6)

    refused(world.osnp.post(f"/api/v1/holds/{held['bundle_id']}/confirm"), 409, "hold-expired")


def test_a_dropped_hold_gives_the_slot_back(world: World) -> None:
    slot = publish(world, SLOT)
    request = seeking_request(world)
    held = expect(
        world.osnp.post("/api/v1/holds", json={"request_id": request["id"], "slot_ids": [slot["id"]]}), 201
    )
    seen = expect(world.administrator.get(f"/api/v1/slots/{slot['id']}"), 200)
    assert seen["occupancy"] == "held"
    running = expect(world.osnp.get(f"/api/v1/holds/{held['bundle_id']}"), 200)
    assert [kept["slot_id"] for kept in running["slots"]] == [slot["id"]]
    refused(world.neighbour_osnp.get(f"/api/v1/holds/{held['bundle_id']}"), 404, "not-found")

    assert world.osnp.delete(f"/api/v1/holds/{held['bundle_id']}").status_code == 204

    seen = expect(world.administrator.get(f"/api/v1/slots/{slot['id']}"), 200)
    assert seen["occupancy"] == "free"
    refused(world.osnp.get(f"/api/v1/holds/{held['bundle_id']}"), 409, "hold-ended")


def test_fifty_clients_on_one_slot_make_one_appointment_and_forty_nine_conflicts(world: World) -> None:
    slot = publish(world, SLOT)
    requests = [
        seeking_request(world, patient=a_patient(given_name=f"Anne{chr(97 + n // 26)}{chr(97 + n % 26)}"))
        for n in range(CROWD)
    ]

    with ThreadPoolExecutor(CROWD) as crowd:
        answers = list(crowd.map(lambda request: _hold_and_confirm(world, request, slot), requests))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (CROWD - 1)
    assert {answer.json()["type"] for answer in answers if answer.status_code == 409} == {
        "urn:snp:problem:slot-already-taken"
    }
    assert _live_appointments(world, slot["id"]) == 1


def test_fifty_overlapping_publications_leave_one_slot(world: World) -> None:
    world.caller("administrator")
    start = SLOT + timedelta(days=1)
    bodies = [_publication(world, start + timedelta(minutes=n % 7)) for n in range(CROWD)]

    with ThreadPoolExecutor(CROWD) as crowd:
        answers = list(crowd.map(lambda body: world.administrator.post("/api/v1/slots", json=body), bodies))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (CROWD - 1)
    assert {answer.json()["type"] for answer in answers if answer.status_code == 409} == {
        "urn:snp:problem:overlapping-slot"
    }
    listed = expect(world.administrator.get("/api/v1/slots"), 200)
    assert len(listed["items"]) == 1


def test_a_patient_sees_and_gives_up_his_appointment_with_his_code(world: World) -> None:
    slot = publish(world, SLOT)
    code = book(world, seeking_request(world)["id"])["patient_code"]
    patient = world.service.caller()

    seen = expect(patient.get(f"/api/v1/patient/appointments/{code.lower()}"), 200)
    assert seen["site_address"].startswith("1 rue des Essais")
    assert "Guérin" not in str(seen)
    body = {"reason": "je vais mieux"}
    given_up = expect(patient.post(f"/api/v1/patient/appointments/{code}/cancel", json=body), 200)

    assert given_up["status"] == "cancelled"
    assert expect(world.administrator.get(f"/api/v1/slots/{slot['id']}"), 200)["occupancy"] == "free"


def test_guessing_codes_is_stopped(world: World) -> None:
    patient = world.service.caller()
    for n in range(20):
        refused(patient.get(f"/api/v1/patient/appointments/AAAAA-2222{n % 8 + 2}"), 404, "not-found")

    answer = patient.get("/api/v1/patient/appointments/AAAAA-22222")

    refused(answer, 429, "too-many-requests")
    assert int(answer.headers["retry-after"]) > 0


def test_an_appointment_moves_to_another_slot(world: World) -> None:
    publish(world, SLOT)
    later = publish(world, SLOT + timedelta(hours=2))
    appointment = book(world, seeking_request(world)["id"])

    body = {"slot_id": later["id"], "reason": "le patient travaille"}
    moved = expect(world.osnp.post(f"/api/v1/appointments/{appointment['id']}/move", json=body), 200)

    assert moved["slot_id"] == later["id"]
    assert moved["replaces_id"] == appointment["id"]


def test_an_appointment_is_honoured_or_not_only_once_it_is_due(world: World) -> None:
    publish(world, SLOT)
    appointment = book(world, seeking_request(world)["id"])
    path = f"/api/v1/appointments/{appointment['id']}"
    refused(world.practitioner.post(f"{path}/honour"), 422, "appointment-not-yet-due")

    world.service.at(SLOT + timedelta(minutes=10))

    assert expect(world.practitioner.post(f"{path}/honour"), 200)["status"] == "honoured"
    give_up = world.practitioner.post(f"{path}/cancel", json={"reason": "trop tard"})
    refused(give_up, 409, "illegal-appointment-status")


def test_the_pool_serves_the_open_requests_of_a_territory(world: World) -> None:
    publish(world, SLOT)
    served = seeking_request(world)
    left = seeking_request(world, patient=a_patient(given_name="Zoé"))
    path = f"/api/v1/territories/{world.territory.id}/assignment-runs"

    run = expect(world.osnp.post(path), 201)

    assert run["figures"]["served"] == 1
    assert len(run["unserved"]) == 1
    assert run["unserved"][0]["reasons"]
    states = {
        expect(world.osnp.get(f"/api/v1/requests/{request['id']}"), 200)["state"]
        for request in (served, left)
    }
    assert states == {"booked", "seeking"}
    assert expect(world.osnp.get(path), 200)["items"][0]["run_id"] == run["run_id"]


def test_a_closed_request_takes_no_step(world: World) -> None:
    request = open_request(world)
    path = f"/api/v1/requests/{request['id']}"
    expect(world.arm.post(f"{path}/cancel", json={"why": "le patient va mieux"}), 200)

    problem = refused(world.osnp.post(f"{path}/estimate", json={"delay_h": 24}), 409, "illegal-move")

    assert problem["state"] == "cancelled"


def _hold_and_confirm(world: World, request: dict[str, Any], slot: dict[str, Any]) -> httpx.Response:
    body = {"request_id": request["id"], "slot_ids": [slot["id"]]}
    with world.service.caller(world.key("osnp")) as caller:
        held = caller.post("/api/v1/holds", json=body)
        if held.status_code != 201:
            return held
        return caller.post(f"/api/v1/holds/{held.json()['bundle_id']}/confirm")


def _publication(world: World, start: Any) -> dict[str, Any]:
    return {
        "kind": "single",
        "practitioner_id": str(world.gp.id),
        "start": start.isoformat(),
        "offer": an_offer(world),
    }


def _live_appointments(world: World, slot_id: str) -> int:
    with world.service.session() as session:
        statement = sa.text("SELECT count(*) FROM appointment WHERE slot_id = :slot AND live")
        return int(session.execute(statement, {"slot": slot_id}).scalar_one())
