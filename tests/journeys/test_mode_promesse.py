"""Mode promesse : « vous serez vu avant … » tout de suite, l’heure plus tard, personne n’est oublié."""

from __future__ import annotations

from datetime import datetime, timedelta

from api.jobs import live_work, work
from tests.support.http import NOW, World, a_patient, expect, publish, seeking_request


def test_une_promesse_est_faite_gardee_puis_precisee(world: World) -> None:
    osnp, wiring = world.osnp, world.service.wiring

    # Le coordinateur choisit le mode promesse, avec une heure de prévenance et des heures calmes.
    path = f"/api/v1/territories/{world.territory.id}"
    found = world.coordinator.get(path)
    current = expect(found, 200)
    names = ("slug", "name", "department", "communes", "finess", "size_class")
    settings = {"mode": "promise", "notice_minutes": 60, "quiet_hours": ["21:00", "07:00"]}
    body = {name: current[name] for name in names} | {"settings": settings}
    expect(world.coordinator.put(path, json=body, headers={"If-Match": found.headers["etag"]}), 200)

    # Deux créneaux cet après-midi ; les prix sont calculés en tâche de fond.
    publish(world, NOW + timedelta(hours=5))
    publish(world, NOW + timedelta(hours=6))
    live_work.refresh_prices(wiring)

    # Une première patiente appelle : une promesse, pas une heure.
    first = seeking_request(world)
    advice = expect(osnp.post(f"/api/v1/requests/{first['id']}/proposals", json={}), 200)["advice"]
    assert advice["outcome"] == "promise_offered"
    promise = expect(osnp.post(f"/api/v1/requests/{first['id']}/promise"), 201)
    assert promise["sentence"].startswith("Vous serez vu avant")

    # Une deuxième préfère une heure tout de suite : c’est son droit, sans priver la première.
    second = seeking_request(world, patient=a_patient(given_name="Zoé"))
    chosen = expect(osnp.post(f"/api/v1/requests/{second['id']}/proposals", json={"at_once": True}), 200)
    held = expect(osnp.post("/api/v1/holds", json={"proposal_id": chosen["proposals"][0]["id"]}), 201)
    (taken,) = expect(osnp.post(f"/api/v1/holds/{held['bundle_id']}/confirm"), 201)["appointments"]

    # Le dernier créneau garantit la promesse : un troisième attend, et on le lui dit.
    third = seeking_request(world, patient=a_patient(given_name="Noé"))
    told = expect(osnp.post(f"/api/v1/requests/{third['id']}/proposals", json={"at_once": True}), 200)
    assert told["proposals"] == []
    assert told["advice"]["outcome"] == "waiting"
    listed = expect(osnp.get(f"{path}/waiting-list"), 200)["items"]
    assert [line["request_id"] for line in listed] == [first["id"], third["id"]]
    assert listed[0]["promised_before"] is not None

    # La deuxième renonce : le créneau va aussitôt à qui attend, et la promesse tient toujours.
    expect(osnp.post(f"/api/v1/appointments/{taken['id']}/cancel", json={"reason": "guérie"}), 200)
    work.expire_holds(wiring)
    assert live_work.serve_waiting(wiring) == 1

    # Une heure avant le dernier créneau libre, l’heure est précisée.
    world.service.at(NOW + timedelta(hours=4, minutes=59))
    live_work.keep_promises(wiring)
    world.service.at(NOW + timedelta(hours=5))
    live_work.keep_promises(wiring)
    assert expect(osnp.get(f"/api/v1/requests/{first['id']}"), 200)["state"] == "booked"
    appointments = expect(osnp.get("/api/v1/appointments"), 200)["items"]
    (named,) = [line for line in appointments if line["request_id"] == first["id"]]
    assert datetime.fromisoformat(named["start"]) <= datetime.fromisoformat(promise["seen_before"])

    # L’explication se lit à voix haute, et la coordinatrice voit qu’aucune promesse n’est rompue.
    why = expect(osnp.get(f"/api/v1/requests/{first['id']}/explanation"), 200)
    assert [line["outcome"] for line in why["decisions"]] == ["named", "promised", "promise_offered"]
    report = expect(world.coordinator.get(f"{path}/fairness"), 200)
    assert (report["promises_made"], report["promises_broken"]) == (1, 0)
