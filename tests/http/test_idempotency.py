"""A creating request that is repeated with its key creates once and gets the same answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests.support.http import NOW, World, a_patient, expect, publish, refused, seeking_request


def _organisation(world: World, name: str = "Cabinet des Marais") -> dict[str, Any]:
    return {"kind": "cabinet", "name": name, "territory_ids": [str(world.territory.id)]}


def _opening(world: World, **traits: Any) -> dict[str, Any]:
    return {"territory_id": str(world.territory.id), "patient": a_patient(**traits)}


def test_a_repeated_request_gets_the_same_answer_and_creates_once(world: World) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    body = _organisation(world)

    first = world.coordinator.post("/api/v1/organisations", json=body, headers=key)
    again = world.coordinator.post("/api/v1/organisations", json=body, headers=key)

    assert expect(first, 201) == expect(again, 201)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["etag"] == first.headers["etag"]
    listed = expect(world.coordinator.get("/api/v1/organisations?search=marais"), 200)
    assert len(listed["items"]) == 1


def test_without_a_key_a_repetition_creates_again(world: World) -> None:
    for _ in range(2):
        expect(world.coordinator.post("/api/v1/organisations", json=_organisation(world)), 201)

    assert len(expect(world.coordinator.get("/api/v1/organisations?search=marais"), 200)["items"]) == 2


def test_a_key_with_another_body_is_refused(world: World) -> None:
    key = {"Idempotency-Key": "k-1"}
    expect(world.coordinator.post("/api/v1/organisations", json=_organisation(world), headers=key), 201)

    other = _organisation(world, "Un autre")
    answer = world.coordinator.post("/api/v1/organisations", json=other, headers=key)

    refused(answer, 422, "idempotency-key-reused")


def test_a_key_belongs_to_who_sent_it(world: World) -> None:
    key = {"Idempotency-Key": "k-1"}
    expect(world.coordinator.post("/api/v1/organisations", json=_organisation(world), headers=key), 201)

    answer = world.administrator.post("/api/v1/organisations", json=_organisation(world, "B"), headers=key)

    expect(answer, 201)


@pytest.mark.parametrize("key", ["a b", "x" * 201])
def test_a_key_of_another_form_is_refused(world: World, key: str) -> None:
    answer = world.coordinator.post(
        "/api/v1/organisations", json=_organisation(world), headers={"Idempotency-Key": key}
    )

    refused(answer, 400, "idempotency-key-invalid")


def test_a_refused_request_may_be_sent_again_with_its_key(world: World) -> None:
    key = {"Idempotency-Key": "k-1"}
    wrong = _organisation(world) | {"siret": "123"}
    expect(world.coordinator.post("/api/v1/organisations", json=wrong, headers=key), 422)

    right = world.coordinator.post("/api/v1/organisations", json=_organisation(world), headers=key)

    expect(right, 201)


def test_concurrent_requests_with_one_key_create_once(world: World) -> None:
    key, body = {"Idempotency-Key": str(uuid4())}, _opening(world)
    world.key("arm")

    def send(_: int) -> tuple[int, str]:
        with world.service.caller(world.key("arm")) as caller:
            answer = caller.post("/api/v1/requests", json=body, headers=key)
            return answer.status_code, answer.text

    with ThreadPoolExecutor(12) as crowd:
        answers = list(crowd.map(send, range(12)))

    assert {status for status, _ in answers} <= {201, 409}
    assert len({text for status, text in answers if status == 201}) == 1
    assert all("idempotency-key-in-use" in text for status, text in answers if status == 409)
    assert len(expect(world.arm.get("/api/v1/requests"), 200)["items"]) == 1


def test_a_remembered_answer_holds_no_identity_in_clear(world: World) -> None:
    key = {"Idempotency-Key": "k-1"}
    expect(world.arm.post("/api/v1/requests", json=_opening(world), headers=key), 201)

    with world.service.session() as session:
        rows = session.execute(sa.text("SELECT fingerprint, body FROM idempotency_record")).all()

    assert len(rows) == 1
    stored = b"".join(bytes(value) for value in rows[0])
    assert b"44131" not in stored
    assert b"territory_id" not in stored


def test_a_key_is_forgotten_after_a_day(world: World) -> None:
    key = {"Idempotency-Key": "k-1"}
    expect(world.coordinator.post("/api/v1/organisations", json=_organisation(world), headers=key), 201)

    world.service.later(hours=25)

    other = world.coordinator.post("/api/v1/organisations", json=_organisation(world, "B"), headers=key)
    expect(other, 201)


def test_a_repeated_confirmation_gets_the_same_ticket(world: World) -> None:
    publish(world, NOW + timedelta(hours=3))
    request = seeking_request(world)
    found = expect(world.osnp.post(f"/api/v1/requests/{request['id']}/proposals", json={}), 200)
    hold = {"proposal_id": found["proposals"][0]["id"]}
    held = expect(world.osnp.post("/api/v1/holds", json=hold), 201)
    path, key = f"/api/v1/holds/{held['bundle_id']}/confirm", {"Idempotency-Key": "confirm-1"}

    first = expect(world.osnp.post(path, headers=key), 201)
    again = expect(world.osnp.post(path, headers=key), 201)

    assert again == first
    refused(world.osnp.post(path), 409, "hold-ended")


def test_a_repeated_run_over_the_pool_is_not_run_again(world: World) -> None:
    path = f"/api/v1/territories/{world.territory.id}/assignment-runs"
    key = {"Idempotency-Key": "run-1"}

    first = expect(world.osnp.post(path, headers=key), 201)
    again = expect(world.osnp.post(path, headers=key), 201)

    assert again == first
    assert len(expect(world.osnp.get(path), 200)["items"]) == 1
