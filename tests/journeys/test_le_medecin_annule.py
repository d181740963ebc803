"""Le médecin annule, ou part en congé : la demande cherche de nouveau, et un autre créneau est proposé."""

from __future__ import annotations

from tests.support.http import World, book, expect, publish, refused, seeking_request

FIRST, SECOND = "2026-11-24T15:00:00+01:00", "2026-11-25T09:00:00+01:00"


def test_le_rendez_vous_annule_par_le_medecin_est_reaffecte(world: World) -> None:
    publish(world, FIRST)
    other = publish(world, SECOND)
    request = seeking_request(world)
    appointment = book(world, request["id"])

    # Le médecin est appelé en urgence : il annule, avec son motif.
    path = f"/api/v1/appointments/{appointment['id']}/cancel"
    outcome = expect(world.practitioner.post(path, json={"reason": "urgence à domicile"}), 200)

    # La demande cherche de nouveau ; le créneau annulé n’est plus offert, l’autre est proposé.
    assert outcome["request"]["state"] == "seeking"
    proposed = [slot["slot_id"] for p in outcome["proposals"]["proposals"] for slot in p["slots"]]
    assert proposed == [other["id"]]

    # L’affectation du territoire la sert sans que personne n’ait à rappeler.
    runs = f"/api/v1/territories/{world.territory.id}/assignment-runs"
    assert expect(world.osnp.post(runs), 201)["figures"]["served"] == 1
    again = expect(world.osnp.get(f"/api/v1/requests/{request['id']}"), 200)
    assert again["state"] == "booked"
    live = expect(world.osnp.get("/api/v1/appointments?live=true"), 200)["items"]
    assert [item["slot_id"] for item in live] == [other["id"]]


def test_un_conge_libere_les_creneaux_pris_avec_un_motif(world: World) -> None:
    slot = publish(world, SECOND)
    request = seeking_request(world)
    book(world, request["id"])
    absence = {
        "practitioner_id": str(world.gp.id),
        "start": "2026-11-25T00:00:00+01:00",
        "end": "2026-11-26T00:00:00+01:00",
        "reason": "arrêt de travail",
    }

    made = expect(world.practitioner.post("/api/v1/absences", json=absence), 201)

    assert [item["request"]["id"] for item in made["reopened"]] == [request["id"]]
    assert expect(world.practitioner.get(f"/api/v1/slots/{slot['id']}"), 200)["state"] == "hidden"
    listed = world.practitioner.get(f"/api/v1/absences?practitioner_id={world.gp.id}")
    assert len(expect(listed, 200)["items"]) == 1


def test_un_creneau_pris_ne_se_retire_pas_sans_motif(world: World) -> None:
    slot = publish(world, SECOND)
    request = seeking_request(world)
    book(world, request["id"])
    path, any_version = f"/api/v1/slots/{slot['id']}", {"If-Match": "*"}

    refused(world.practitioner.delete(path, headers=any_version), 422, "reason-required")
    freed = expect(world.practitioner.delete(f"{path}?reason=panne du cabinet", headers=any_version), 200)

    assert [item["request"]["id"] for item in freed["reopened"]] == [request["id"]]


def test_un_creneau_libre_se_retire_librement(world: World) -> None:
    slot = publish(world, SECOND)

    freed = expect(world.practitioner.delete(f"/api/v1/slots/{slot['id']}", headers={"If-Match": '"1"'}), 200)

    assert freed["reopened"] == []
    assert expect(world.practitioner.get(f"/api/v1/slots/{slot['id']}"), 200)["state"] == "withdrawn"
