"""Pays de Retz, au comptoir d’une pharmacie : motif, signes d’alerte, médecin traitant, créneau, ticket."""

from __future__ import annotations

from typing import Any

from tests.support.http import World, a_patient, expect, publish, refused

MORNING = "2026-11-25T09:00:00+01:00"


def _answers(**changes: Any) -> dict[str, Any]:
    return {"reason": "skin", "age_years": 39, "sex": "F", "signs": [], "reviewed": True} | changes


def test_la_pharmacie_prend_un_creneau_pour_le_patient_devant_elle(world: World) -> None:
    desk = world.caller("pharmacy")
    slot = publish(world, MORNING, audiences=["desk"])

    # La liste des motifs que la régulation lui confie, avec leur version et leur source.
    lists = expect(desk.get("/api/v1/desk/reasons"), 200)["lists"]
    assert lists[0]["source"]
    reasons = {reason["code"]: reason for reason in lists[0]["reasons"]}
    assert "skin" in reasons

    # Tous les signes d’alerte ont été passés en revue : la garde répond, et laisse une trace.
    question = {"territory_id": str(world.territory.id), "answers": _answers()}
    outcome = expect(desk.post("/api/v1/desk/eligibility", json=question), 200)
    assert outcome["outcome"] == "eligible"

    # Ce qui serait possible, avant même de taper le nom du patient.
    preview = question | {"insee": "44131"}
    possible = expect(desk.post("/api/v1/desk/preview", json=preview), 200)
    assert possible["proposals"][0]["slots"][0]["slot_id"] == slot["id"]

    # Le formulaire entier, avec le créneau choisi : il est retenu aussitôt.
    form = question | {
        "mt": {"has_mt": True, "called": True, "available": False},
        "patient": a_patient(birth_date="1987-04-12"),
        "slot_ids": [slot["id"]],
    }
    result = expect(
        desk.post("/api/v1/desk/requests", json=form, headers={"Idempotency-Key": "comptoir-1"}), 201
    )
    assert result["outcome"] == "held"

    # Confirmé : le patient repart avec son code.
    path = f"/api/v1/holds/{result['held']['bundle_id']}/confirm"
    booked = expect(desk.post(path), 201)["appointments"][0]
    assert booked["organisation_id"] == str(world.pharmacy.id)
    ticket = world.service.caller().get(f"/api/v1/patient/appointments/{booked['patient_code']}")
    assert expect(ticket, 200)["status"] == "booked"

    # La pharmacie voit ses rendez-vous et ses traces ; le cabinet infirmier n’y a pas accès.
    assert len(expect(desk.get("/api/v1/appointments"), 200)["items"]) == 1
    traces = expect(desk.get(f"/api/v1/desk/traces?territory_id={world.territory.id}"), 200)["items"]
    assert {trace["outcome"] for trace in traces} == {"eligible"}
    nurses = world.caller("nurse_practice")
    assert expect(nurses.get("/api/v1/appointments"), 200)["items"] == []
    refused(nurses.get(f"/api/v1/appointments/{booked['id']}"), 404, "not-found")


def test_un_creneau_reserve_a_la_regulation_n_est_pas_propose_au_comptoir(world: World) -> None:
    publish(world, MORNING, audiences=["regulation"])
    preview = {"territory_id": str(world.territory.id), "answers": _answers(), "insee": "44131"}

    found = expect(world.caller("pharmacy").post("/api/v1/desk/preview", json=preview), 200)

    assert found["proposals"] == []
    assert found["why_not"]


def test_le_medecin_traitant_d_abord(world: World) -> None:
    publish(world, MORNING)
    form = {
        "territory_id": str(world.territory.id),
        "answers": _answers(),
        "mt": {"has_mt": True, "called": False},
        "patient": a_patient(),
    }

    result = expect(world.caller("pharmacy").post("/api/v1/desk/requests", json=form), 201)

    assert result["outcome"] == "call_mt_first"
    assert result["request"]["state"] == "waiting_mt"
    assert result["held"] is None

    # Le médecin traitant, appelé du comptoir, ne peut pas : le dossier reprend là où il attendait.
    path = f"/api/v1/desk/requests/{result['request']['id']}/resume"
    answered = {"mt": {"has_mt": True, "called": True, "available": False}}
    refused(world.caller("nurse_practice").post(path, json=answered), 404, "not-found")
    refused(world.caller("osnp").post(path, json=answered), 403, "forbidden")
    resumed = world.caller("pharmacy").post(path, json=answered)
    taken_up = expect(resumed, 200)
    assert taken_up["outcome"] == "proposals"
    assert taken_up["proposals"]["proposals"]
    assert resumed.headers["ETag"] == f'"{taken_up["request"]["version"]}"'
    refused(world.caller("pharmacy").post(path, json=answered), 409, "illegal-move")


def test_un_motif_hors_liste_va_au_116_117(world: World) -> None:
    question = {"territory_id": str(world.territory.id), "answers": _answers(reason="certificate")}

    outcome = expect(world.caller("pharmacy").post("/api/v1/desk/eligibility", json=question), 200)

    assert outcome["outcome"] == "not_eligible"
    assert outcome["reasons"][0]["sentence"]
