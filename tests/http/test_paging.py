"""Lists come in pages that neither repeat nor miss an item, whatever is added meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.support.http import NOW, World, a_patient, expect, open_request, publish, refused


def _walk(caller: httpx.Client, path: str, limit: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        joint = "&" if "?" in path else "?"
        after = f"&cursor={cursor}" if cursor else ""
        page = expect(caller.get(f"{path}{joint}limit={limit}{after}"), 200)
        assert len(page["items"]) <= limit
        items += page["items"]
        cursor = page["next"]
    return items


def test_slots_are_walked_in_order_once_each(world: World) -> None:
    starts = [NOW + timedelta(days=1, minutes=20 * n) for n in range(7)]
    for start in starts:
        publish(world, start)

    walked = _walk(world.administrator, "/api/v1/slots", 3)

    assert [slot["start"] for slot in walked] == [
        start.isoformat().replace("+00:00", "Z") for start in starts
    ]


def test_an_item_added_while_walking_shifts_nothing(world: World) -> None:
    for n in range(4):
        publish(world, NOW + timedelta(days=1, minutes=60 * n))
    first = expect(world.administrator.get("/api/v1/slots?limit=2"), 200)

    publish(world, NOW + timedelta(days=1, minutes=30))
    rest = expect(world.administrator.get(f"/api/v1/slots?limit=200&cursor={first['next']}"), 200)

    seen = [slot["id"] for slot in first["items"] + rest["items"]]
    assert len(seen) == len(set(seen)) == 4
    assert rest["next"] is None


def test_requests_are_walked_by_deadline_and_filtered(world: World) -> None:
    for n in range(5):
        open_request(world, patient=a_patient(given_name="ABCDE"[n] + "lix"))

    assert len(_walk(world.osnp, "/api/v1/requests", 2)) == 5
    assert len(_walk(world.osnp, "/api/v1/requests?state=received&origin=arm", 2)) == 5
    assert _walk(world.osnp, "/api/v1/requests?state=booked", 2) == []
    assert len(_walk(world.osnp, "/api/v1/requests?order=newest", 2)) == 5


@pytest.mark.parametrize(
    "path", ["territories", "organisations", "sites", "practitioners", "slots", "requests"]
)
def test_a_cursor_of_another_making_is_refused(world: World, path: str) -> None:
    caller = world.administrator
    for cursor in ("bm9wZQ", "e30", "AAAA", "W10"):
        answer = caller.get(f"/api/v1/{path}?cursor={cursor}")
        assert answer.status_code == 422, (path, cursor, answer.text)
    refused(caller.get(f"/api/v1/{path}?cursor=%00"), 422, "validation")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many"])
def test_a_page_has_a_bounded_size(world: World, limit: str) -> None:
    refused(world.administrator.get(f"/api/v1/slots?limit={limit}"), 422, "validation")


def test_communes_are_found_by_their_first_letters(world: World) -> None:
    found = expect(world.arm.get("/api/v1/communes?search=porn"), 200)

    assert found[0]["insee"] == "44131"


def test_a_page_of_practitioners_is_found_by_name(world: World) -> None:
    found = expect(world.caller("pharmacy").get("/api/v1/practitioners?search=essai&limit=1"), 200)

    assert len(found["items"]) == 1
    assert found["next"]
