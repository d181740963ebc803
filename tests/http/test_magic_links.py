"""Magic links over the API: who may propose slots, and what he is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.http import World, an_offer, expect, refused

pytestmark = pytest.mark.database

SLOT = "2026-11-26T17:00:00Z"


def body(world: World, **changes: Any) -> dict[str, Any]:
    slots = [{"start": SLOT, "offer": an_offer(world)}]
    return {"practitioner_id": str(world.gp.id), "slots": slots} | changes


@pytest.mark.parametrize("role", ["osnp", "regulateur", "coordinator", "administrator"])
def test_who_needs_slots_proposes_them(world: World, role: str) -> None:
    made = expect(world.caller(role).post("/api/v1/magic-links", json=body(world)), 201)
    assert "/lien/" in made["address"]
    assert made["link"]["slots"] == [SLOT]
    found = expect(world.caller(role).get(f"/api/v1/magic-links/{made['link']['id']}"), 200)
    assert "address" not in found
    gone = expect(world.caller(role).delete(f"/api/v1/magic-links/{made['link']['id']}"), 200)
    assert gone["revoked_at"]


@pytest.mark.parametrize("role", ["practitioner", "delegate", "pharmacy", "nurse_practice", "arm"])
def test_others_do_not(world: World, role: str) -> None:
    refused(world.caller(role).post("/api/v1/magic-links", json=body(world)), 403, "forbidden")


def test_nobody_proposes_to_a_carer_of_another_territory(world: World) -> None:
    refused(
        world.caller("neighbour_coordinator").post("/api/v1/magic-links", json=body(world)),
        403,
        "out-of-reach",
    )
    made = expect(world.caller("coordinator").post("/api/v1/magic-links", json=body(world)), 201)
    path = f"/api/v1/magic-links/{made['link']['id']}"
    refused(world.caller("neighbour_coordinator").get(path), 404, "not-found")
    refused(world.caller("neighbour_coordinator").delete(path), 404, "not-found")


def test_a_slot_that_is_over_is_not_proposed(world: World) -> None:
    slots = [{"start": "2026-11-23T17:00:00Z", "offer": an_offer(world)}]
    refused(
        world.caller("coordinator").post("/api/v1/magic-links", json=body(world, slots=slots)),
        422,
        "invalid-value",
    )
