"""Terres de Montaigu, 116 117 : médecin traitant pas encore appelé, le dossier attend, puis un conseil."""

from __future__ import annotations

from tests.support.http import World, a_patient, expect


def test_le_dossier_attend_le_medecin_traitant_reprend_et_se_clot_par_un_conseil(world: World) -> None:
    arm, osnp, regulateur = (world.caller(f"neighbour_{role}") for role in ("arm", "osnp", "regulateur"))

    # L’ARM décroche, prend l’identité et le lieu.
    opening = {
        "territory_id": str(world.neighbour.id),
        "patient": a_patient(insee="85146"),
        "caller": {"name": "Yann Guérin", "phone": "06 98 76 54 32", "relation": "conjoint"},
        "reason": "fievre_adulte",
        "note": "Fièvre depuis hier soir, pas de signe inquiétant.",
    }
    step = expect(arm.post("/api/v1/requests", json=opening), 201)
    request = f"/api/v1/requests/{step['request']['id']}"
    assert step["request"]["state"] == "received"

    # « Avez-vous un médecin traitant ? L’avez-vous appelé ? » Pas encore : le dossier attend.
    answers = {"has_mt": True, "called": False}
    step = expect(arm.post(f"{request}/mt-check", json={"answers": answers}), 200)
    assert step["request"]["state"] == "waiting_mt"
    assert step["request"]["mt_status"] == "not_called"
    assert step["reasons"][0]["source"]

    # Une heure plus tard le patient rappelle : son médecin n’a rien avant quatre jours.
    world.service.later(hours=1)
    expect(arm.post(f"{request}/resume"), 200)
    offered = {"has_mt": True, "called": True, "available": False, "offered_at": "2026-11-28T09:00:00+01:00"}
    step = expect(arm.post(f"{request}/mt-check", json={"answers": offered}), 200)
    assert step["request"]["state"] == "to_estimate"

    # L’opérateur évalue, le médecin régulateur donne un conseil : plus de la moitié des appels finissent là.
    expect(osnp.post(f"{request}/estimate", json={"delay_h": 48}), 200)
    decision = {"disposition": "advice", "urgency": {"priority": "P3", "response_level": "R4"}}
    step = expect(regulateur.post(f"{request}/decision", json=decision), 200)
    assert step["request"]["state"] == "closed"
    assert step["request"]["disposition"] == "advice"

    # Chaque étape est gardée, avec son auteur et son heure ; aucun créneau n’a été touché.
    story = expect(osnp.get(f"{request}/story"), 200)["moves"]
    assert [move["move"] for move in story] == [
        "open",
        "wait_mt",
        "resume",
        "check_mt",
        "estimate",
        "advise",
    ]
    assert all(move["author"].startswith("key:") for move in story)
    assert expect(osnp.get("/api/v1/appointments"), 200)["items"] == []
