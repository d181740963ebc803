"""Booking through the real server: one slot has one taker, whoever asks at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tests.support.http import NOW, World, a_patient, book, expect, publish, refused, seeking_request

SLOT = NOW + timedelta(hours=4)


def test_a_request_is_proposed_held_and_booked(world: World) -> None:
    publish(world, SLOT)
    request = seeking_request(world)

    appointment = book(world, request["id"])

    assert appointment["status"] == "booked"
    assert len(appointment["patient_code"]) == 11
    again = expect(world.osnp.get(f"/api/v1/requests/{request['id']}"), 200)
    assert again["state"] == "booked"
