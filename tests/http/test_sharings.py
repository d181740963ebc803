"""Agreements between territories over HTTP: who may offer, accept and end, and what each side learns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from tests.support.http import NOW, World, a_patient, book, expect, publish, refused, seeking_request

DAYS = {"first_day": "2026-11-24", "last_day": "2026-11-30"}


def terms(**changes: Any) -> dict[str, Any]:
    return {"professions": ["medecin_generaliste"], "first_day": "2026-11-24"} | changes


def offered(world: World, **changes: Any) -> dict[str, Any]:
    """The neighbour offers its slots to the world's territory."""
    body = {"borrower_id": str(world.territory.id), "terms": terms(**changes)}
    path = f"/api/v1/territories/{world.neighbour.id}/sharings"
    made: dict[str, Any] = expect(world.neighbour_coordinator.post(path, json=body), 201)
    return made


def agreed(world: World, **changes: Any) -> dict[str, Any]:
    one = offered(world, **changes)
    path = f"/api/v1/sharings/{one['id']}/accept"
    accepted: dict[str, Any] = expect(world.coordinator.post(path), 200)
    return accepted


def overflowing(world: World) -> None:
    """The world's territory lets its requests overflow at once."""
    path = f"/api/v1/territories/{world.territory.id}"
    found = world.coordinator.get(path)
    current = expect(found, 200)
    names = ("slug", "name", "department", "communes", "finess", "size_class")
    body = {name: current[name] for name in names} | {"settings": {"overflow_p2_minutes": 0}}
    expect(world.coordinator.put(path, json=body, headers={"If-Match": found.headers["etag"]}), 200)


def lent_slot(world: World, **delta: float) -> dict[str, Any]:
    """A slot of the neighbour's doctor, offered in his own territory."""
    return publish(
        world,
        NOW + timedelta(**(delta or {"hours": 3})),
        practitioner=world.neighbour_gp.id,
        site_id=str(world.neighbour_site.id),
        territory_ids=[str(world.neighbour.id)],
    )


def test_both_coordinators_must_agree_and_each_does_his_own_part(world: World) -> None:
    one = offered(world, most_a_day=2, starts_from="08:00", starts_before="12:00")
    assert (one["state"], one["terms"]["most_a_day"]) == ("offered", 2)
    path = f"/api/v1/sharings/{one['id']}"
    refused(world.neighbour_coordinator.post(f"{path}/accept"), 404, "not-found")
    refused(world.neighbour_coordinator.post(f"{path}/decline"), 404, "not-found")

    told = expect(world.coordinator.post(f"{path}/accept", headers={"If-Match": '"1"'}), 200)
    assert (told["state"], told["version"]) == ("accepted", 2)
    refused(world.coordinator.post(f"{path}/accept"), 409, "sharing-settled")
    refused(world.coordinator.post(f"{path}/end", headers={"If-Match": '"1"'}), 412, "version-mismatch")
    expect(world.neighbour_coordinator.post(f"{path}/end"), 200)

    found = expect(world.coordinator.get(path), 200)
    assert [line["state"] for line in found["story"]] == ["offered", "accepted", "ended"]
    listed = expect(world.coordinator.get(f"/api/v1/territories/{world.territory.id}/sharings"), 200)
    assert [line["id"] for line in listed["items"]] == [one["id"]]
    running = world.coordinator.get(f"/api/v1/territories/{world.territory.id}/sharings?running=true")
    assert expect(running, 200)["items"] == []


def test_a_coordinator_offers_only_what_is_his(world: World) -> None:
    body = {"borrower_id": str(world.territory.id), "terms": terms()}
    path = f"/api/v1/territories/{world.neighbour.id}/sharings"
    refused(world.coordinator.post(path, json=body), 403, "out-of-reach")
    refused(world.coordinator.get(path), 404, "not-found")
    refused(world.osnp.post(path, json=body), 403, "forbidden")


def test_terms_that_make_no_sense_are_told_by_name(world: World) -> None:
    path = f"/api/v1/territories/{world.territory.id}/sharings"

    def post(borrower: object = world.neighbour.id, **changes: Any) -> httpx.Response:
        body = {"borrower_id": str(borrower), "terms": terms(**changes)}
        return world.coordinator.post(path, json=body)

    assert refused(post(professions=["sorcier"]), 422, "invalid-value")["field"] == "professions"
    assert refused(post(last_day="2026-11-01"), 422, "invalid-value")["field"] == "last_day"
    assert refused(post(audiences=["public"]), 422, "invalid-value")["field"] == "audiences"
    assert refused(post(world.territory.id), 422, "invalid-value")["field"] == "borrower_id"
    refused(post(most_percent=0), 422, "validation")
    refused(post(weekdays=[9]), 422, "validation")


def test_a_lent_slot_is_proposed_booked_and_counted_apart(world: World) -> None:
    one = agreed(world)
    overflowing(world)
    slot = lent_slot(world)
    request = seeking_request(world, max_km=100)
    found = expect(world.osnp.post(f"/api/v1/requests/{request['id']}/proposals", json={}), 200)
    (proposal,) = found["proposals"]
    assert proposal["slots"][0]["slot_id"] == slot["id"]
    assert proposal["slots"][0]["lent_by"] == "Terres de Montaigu"
    assert proposal["why"][0]["code"] == "neighbour_slot"
    held = expect(world.osnp.post("/api/v1/holds", json={"proposal_id": proposal["id"]}), 201)
    assert held["slots"][0]["lent_by"] == "Terres de Montaigu"
    (made,) = expect(world.osnp.post(f"/api/v1/holds/{held['bundle_id']}/confirm"), 201)["appointments"]
    assert made["sharing_id"] == one["id"]

    # The lender's people see a slot taken and a count; the patient is not theirs, but for who receives him.
    there = f"/api/v1/appointments/{made['id']}"
    for stranger in (world.neighbour_coordinator, world.neighbour_osnp, world.neighbour_regulateur):
        refused(stranger.get(there), 404, "not-found")
        assert expect(stranger.get("/api/v1/appointments"), 200)["items"] == []
        assert expect(stranger.get("/api/v1/requests"), 200)["items"] == []
    refused(world.neighbour_regulateur.get(f"{there}/patient", params={"why": "x"}), 404, "not-found")
    seen = expect(world.neighbour_practitioner.get(f"{there}/patient", params={"why": "agenda"}), 200)
    assert seen["family_name"] == a_patient()["family_name"]
    assert expect(world.neighbour_coordinator.get(f"/api/v1/slots/{slot['id']}"), 200)["occupancy"] == "taken"
    refused(world.coordinator.get(f"/api/v1/slots/{slot['id']}"), 404, "not-found")

    for caller, territory in (
        (world.coordinator, world.territory),
        (world.neighbour_coordinator, world.neighbour),
    ):
        counts = expect(caller.get(f"/api/v1/territories/{territory.id}/sharing-counts", params=DAYS), 200)
        assert [(line["sharing_id"], line["taken"]) for line in counts] == [(one["id"], 1)]
    other = f"/api/v1/territories/{world.neighbour.id}/sharing-counts"
    refused(world.coordinator.get(other, params=DAYS), 404, "not-found")


def test_a_coordinator_who_takes_a_lent_slot_back_is_told_no_dossier_of_the_neighbour(world: World) -> None:
    agreed(world)
    overflowing(world)
    slot = lent_slot(world)
    request = seeking_request(world, max_km=100)
    book(world, request["id"])
    path = f"/api/v1/slots/{slot['id']}"
    freed = expect(
        world.neighbour_coordinator.delete(path, params={"reason": "formation"}, headers={"If-Match": "*"}),
        200,
    )
    assert freed["reopened"] == []
    assert expect(world.osnp.get(f"/api/v1/requests/{request['id']}"), 200)["state"] == "seeking"


def test_a_practitioner_keeps_his_slots_for_his_territory(world: World) -> None:
    agreed(world)
    overflowing(world)
    lent_slot(world)
    path = f"/api/v1/practitioners/{world.neighbour_gp.id}/lending"
    refused(world.practitioner.put(f"{path}/{world.neighbour.id}", json={"lent": False}), 404, "not-found")
    kept = expect(world.neighbour_practitioner.put(f"{path}/{world.neighbour.id}", json={"lent": False}), 200)
    assert [line["territory_id"] for line in kept] == [str(world.neighbour.id)]
    request = seeking_request(world, max_km=100)
    proposals = f"/api/v1/requests/{request['id']}/proposals"
    assert expect(world.osnp.post(proposals, json={}), 200)["proposals"] == []

    put = world.neighbour_practitioner.put(f"{path}/{world.neighbour.id}", json={"lent": True})
    assert expect(put, 200) == []
    assert expect(world.neighbour_practitioner.get(path), 200) == []
    assert len(expect(world.osnp.post(proposals, json={}), 200)["proposals"]) == 1


def test_the_offer_of_a_slot_in_both_territories_is_no_loan(world: World) -> None:
    """Who belongs to both gives a slot to both himself; no agreement is needed, and none is told."""
    path = f"/api/v1/practitioners/{world.gp.id}/memberships"
    body = {"territory_id": str(world.neighbour.id), "since": "2026-11-01"}
    expect(world.administrator.post(path, json=body), 201)
    publish(world, NOW + timedelta(hours=3), territory_ids=[str(world.territory.id), str(world.neighbour.id)])
    request = seeking_request(world)
    made = book(world, request["id"])
    assert made["sharing_id"] is None
