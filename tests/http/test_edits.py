"""Edits are made from a version: without it refused, from an old one refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.http import World, expect, open_request, publish, refused

START = "2026-11-25T10:00:00+01:00"


def _put(world: World, version: str | None, **changes: Any) -> httpx.Response:
    body = {
        "kind": "pharmacy",
        "name": "Pharmacie du Port",
        "territory_ids": [str(world.territory.id)],
    }
    headers = {"If-Match": version} if version else {}
    path = f"/api/v1/organisations/{world.pharmacy.id}"
    return world.coordinator.put(path, json=body | changes, headers=headers)


def test_an_edit_without_a_version_is_refused(world: World) -> None:
    refused(_put(world, None), 428, "precondition-required")


def test_an_edit_from_the_version_that_was_read_is_made(world: World) -> None:
    read = world.coordinator.get(f"/api/v1/organisations/{world.pharmacy.id}")

    answer = _put(world, read.headers["etag"])

    assert expect(answer, 200)["name"] == "Pharmacie du Port"
    assert answer.headers["etag"] == '"2"'


@pytest.mark.parametrize("version", ['"7"', 'W/"1"', '"abc"', "1", '""'])
def test_an_edit_from_another_version_is_refused(world: World, version: str) -> None:
    refused(_put(world, version), 412, "version-mismatch")


def test_two_edits_from_one_version_do_not_lose_the_first(world: World) -> None:
    expect(_put(world, '"1"', name="A"), 200)

    refused(_put(world, '"1"', name="B"), 412, "version-mismatch")


def test_a_star_edits_whatever_the_version(world: World) -> None:
    expect(_put(world, "*"), 200)


def test_a_slot_is_changed_and_withdrawn_from_its_version(world: World) -> None:
    slot = publish(world, START)
    path = f"/api/v1/slots/{slot['id']}"
    refused(world.practitioner.patch(path, json={"audiences": ["desk"]}), 428, "precondition-required")

    changed = world.practitioner.patch(path, json={"audiences": ["desk"]}, headers={"If-Match": '"1"'})
    assert expect(changed, 200)["audiences"] == ["desk"]
    refused(world.practitioner.delete(path, headers={"If-Match": '"1"'}), 412, "version-mismatch")

    expect(world.practitioner.delete(path, headers={"If-Match": changed.headers["etag"]}), 200)


def test_a_step_may_say_from_which_version_it_was_taken(world: World) -> None:
    request = open_request(world)
    path = f"/api/v1/requests/{request['id']}/mt-check"
    body = {"answers": {"has_mt": False}}

    refused(world.arm.post(path, json=body, headers={"If-Match": '"9"'}), 412, "version-mismatch")
    expect(world.arm.post(path, json=body, headers={"If-Match": f'"{request["version"]}"'}), 200)


def test_a_practitioner_edits_his_preferences(world: World) -> None:
    path = f"/api/v1/practitioners/{world.gp.id}/preferences"
    body = {"channel": "email", "buffer_minutes": 5}

    changed = expect(world.practitioner.put(path, json=body, headers={"If-Match": '"1"'}), 200)

    assert changed["preferences"]["buffer_minutes"] == 5
    seen_by_a_desk = expect(world.caller("pharmacy").get(f"/api/v1/practitioners/{world.gp.id}"), 200)
    assert seen_by_a_desk["preferences"] is None
