"""Deux CPTS voisines : un créneau prêté par accord, pris après le délai, et chacun ne voit que sa part."""

from __future__ import annotations

from datetime import timedelta

from api.jobs import live_work, work
from tests.support.http import NOW, World, expect, publish, refused, seeking_request


def test_une_demande_sans_creneau_est_servie_chez_le_voisin_apres_son_delai(world: World) -> None:
    osnp, wiring = world.osnp, world.service.wiring

    # La coordinatrice de Montaigu propose ce qui reste libre trois heures avant, deux par jour au plus.
    terms = {
        "professions": ["medecin_generaliste"],
        "weekdays": [1, 2, 3, 4, 5],
        "audiences": ["regulation", "desk"],
        "first_day": "2026-11-24",
        "last_day": "2026-12-24",
        "most_a_day": 2,
        "last_hours": 3,
    }
    offers = f"/api/v1/territories/{world.neighbour.id}/sharings"
    body = {"borrower_id": str(world.territory.id), "terms": terms}
    offer = expect(world.neighbour_coordinator.post(offers, json=body), 201)

    # Son médecin a publié un créneau à 16 h, pour son territoire ; rien n’est encore prêté.
    slot = publish(
        world,
        NOW + timedelta(hours=6),
        practitioner=world.neighbour_gp.id,
        site_id=str(world.neighbour_site.id),
        territory_ids=[str(world.neighbour.id)],
    )

    # La coordinatrice du Pays de Retz accepte : l’accord vaut.
    expect(world.coordinator.post(f"/api/v1/sharings/{offer['id']}/accept"), 200)

    # À 10 h, une demande P2 ne trouve rien dans son territoire. Le délai de deux heures n’est pas passé.
    request = seeking_request(world, max_km=80)
    proposals = f"/api/v1/requests/{request['id']}/proposals"
    early = expect(osnp.post(proposals, json={}), 200)
    assert early["proposals"] == []
    assert "neighbours_later" in {reason["code"] for reason in early["why_not"]}
    assert live_work.serve_waiting(wiring) == 0

    # À 12 h 30, elle pourrait aller chez le voisin, mais le créneau n’est prêté que trois heures avant.
    world.service.at(NOW + timedelta(hours=2, minutes=30))
    told = expect(osnp.post(proposals, json={}), 200)
    assert told["proposals"] == []

    # À 13 h 15, la liste d’attente la sert, sans que personne n’ait rien à faire.
    world.service.at(NOW + timedelta(hours=3, minutes=15))
    assert live_work.serve_waiting(wiring) == 1
    assert expect(osnp.get(f"/api/v1/requests/{request['id']}"), 200)["state"] == "booked"
    (made,) = expect(osnp.get("/api/v1/appointments"), 200)["items"]
    assert (made["slot_id"], made["sharing_id"]) == (slot["id"], offer["id"])
    why = expect(osnp.get(f"/api/v1/requests/{request['id']}/explanation"), 200)["decisions"][0]
    assert any("un voisin partage ce créneau" in sentence for sentence in why["sentences"])

    # Le médecin de Montaigu voit qui il reçoit ; sa coordinatrice et sa régulation ne voient qu’un nombre.
    patient = f"/api/v1/appointments/{made['id']}/patient"
    expect(world.neighbour_practitioner.get(patient, params={"why": "consultation"}), 200)
    refused(world.neighbour_regulateur.get(patient, params={"why": "curiosité"}), 404, "not-found")
    days = {"first_day": "2026-11-24", "last_day": "2026-11-24"}
    counts = f"/api/v1/territories/{world.neighbour.id}/sharing-counts"
    (count,) = expect(world.neighbour_coordinator.get(counts, params=days), 200)
    assert count == {
        "sharing_id": offer["id"],
        "lender_id": str(world.neighbour.id),
        "borrower_id": str(world.territory.id),
        "taken": 1,
    }

    # Le médecin garde désormais ses créneaux pour son territoire : l’accord ne prête plus les siens.
    lending = f"/api/v1/practitioners/{world.neighbour_gp.id}/lending/{world.neighbour.id}"
    expect(world.neighbour_practitioner.put(lending, json={"lent": False}), 200)

    # Passé son dernier jour, l’accord se termine tout seul ; le rendez-vous, lui, est resté pris.
    world.service.at(NOW + timedelta(days=32))
    assert work.end_sharings(wiring) == 1
    assert work.end_sharings(wiring) == 0
    story = expect(world.coordinator.get(f"/api/v1/sharings/{offer['id']}"), 200)["story"]
    assert [line["state"] for line in story] == ["offered", "accepted", "ended"]
