"""Mode immédiat : une heure tout de suite, ou un rang sur la liste d’attente, servie dès que possible."""

from __future__ import annotations

from datetime import timedelta

from api.jobs import live_work
from tests.support.http import NOW, World, a_patient, book, expect, publish, seeking_request


def test_qui_n_a_pas_de_creneau_attend_a_son_rang_et_est_servi_des_que_possible(world: World) -> None:
    osnp, wiring = world.osnp, world.service.wiring
    publish(world, NOW + timedelta(hours=4))
    live_work.refresh_prices(wiring)

    # Le premier appelant reçoit l’heure libre, ordonnée par les prix.
    first = seeking_request(world)
    appointment = book(world, first["id"])
    why = expect(osnp.get(f"/api/v1/requests/{first['id']}/explanation"), 200)
    assert why["decisions"][0]["basis"] == "prices"

    # Les deux suivants attendent : on leur dit leur rang et que faire en attendant.
    low = seeking_request(
        world,
        patient=a_patient(given_name="Noé"),
        urgency={"priority": "P3", "response_level": "R3"},
    )
    high = seeking_request(world, patient=a_patient(given_name="Zoé"))
    for request, place in ((low, 2), (high, 1)):
        found = expect(osnp.post(f"/api/v1/requests/{request['id']}/proposals", json={}), 200)
        assert found["proposals"] == []
        assert found["advice"]["place"] == place
        said = " ".join(line["sentence"] for line in found["advice"]["sentences"])
        assert "liste d’attente" in said
        assert "rester joignable" in said

    # Le premier annule : le créneau va à la priorité la plus haute, sans attendre l’affectation d’ensemble.
    expect(osnp.post(f"/api/v1/appointments/{appointment['id']}/cancel", json={"reason": "guéri"}), 200)
    assert live_work.serve_waiting(wiring) == 1
    assert expect(osnp.get(f"/api/v1/requests/{high['id']}"), 200)["state"] == "booked"

    # Un médecin publie un autre créneau : le suivant est servi à son tour.
    publish(world, NOW + timedelta(hours=7))
    assert live_work.serve_waiting(wiring) == 1
    assert expect(osnp.get(f"/api/v1/requests/{low['id']}"), 200)["state"] == "booked"
    told = expect(osnp.get(f"/api/v1/requests/{low['id']}/explanation"), 200)
    assert [line["outcome"] for line in told["decisions"]] == ["served", "waiting"]
