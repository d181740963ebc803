"""Un signe d’alerte, ou une urgence tapée à n’importe quelle étape : tout s’arrête, appel au 15."""

from __future__ import annotations

import pytest

from tests.support.http import World, a_patient, book, expect, open_request, publish, seeking_request

MORNING = "2026-11-25T09:00:00+01:00"


def test_au_comptoir_un_signe_d_alerte_envoie_au_15_et_laisse_une_trace(world: World) -> None:
    desk = world.caller("pharmacy")
    slot = publish(world, MORNING)
    form = {
        "territory_id": str(world.territory.id),
        "answers": {
            "reason": "sore_throat",
            "age_years": 39,
            "sex": "F",
            "signs": ["stridor"],
            "reviewed": True,
        },
        "mt": {"has_mt": False},
        "patient": a_patient(),
        "slot_ids": [slot["id"]],
    }

    result = expect(desk.post("/api/v1/desk/requests", json=form), 200)

    assert result["outcome"] == "call_15"
    assert result["request"] is None
    traces = expect(desk.get(f"/api/v1/desk/traces?territory_id={world.territory.id}"), 200)["items"]
    assert traces[0]["red_flags"] == ["stridor"]
    assert traces[0]["outcome"] == "red_flag"
    assert expect(world.administrator.get(f"/api/v1/slots/{slot['id']}"), 200)["occupancy"] == "free"


@pytest.mark.parametrize(
    "urgency", [{"priority": "P0"}, {"response_level": "R1"}, {"response_level": "R2", "priority": "P3"}]
)
def test_a_l_appel_une_urgence_vitale_arrete_tout_quoi_qu_on_ait_tape_d_autre(
    world: World, urgency: dict[str, str]
) -> None:
    body = {"territory_id": str(world.territory.id), "patient": a_patient(), "urgency": urgency}

    step = expect(world.arm.post("/api/v1/requests", json=body), 201)

    assert step["stopped"] is True
    assert step["request"]["state"] == "oriented"
    assert step["request"]["disposition"] == "call_15"
    assert step["reasons"][0]["source"]


def test_une_decision_r2_ne_cherche_jamais_de_creneau(world: World) -> None:
    request = open_request(world)
    path = f"/api/v1/requests/{request['id']}"
    expect(world.osnp.post(f"{path}/mt-check", json={"answers": {"has_mt": False}}), 200)
    decision = {"disposition": "snp_consultation", "urgency": {"response_level": "R2"}}

    step = expect(world.regulateur.post(f"{path}/decision", json=decision), 200)

    assert step["stopped"] is True
    assert step["request"]["disposition"] == "call_15"


def test_une_aggravation_apres_le_rendez_vous_libere_le_creneau(world: World) -> None:
    slot = publish(world, MORNING)
    request = seeking_request(world)
    book(world, request["id"])

    stop = {"urgency": {"priority": "P0", "response_level": "R1"}}
    step = expect(world.arm.post(f"/api/v1/requests/{request['id']}/stop", json=stop), 200)

    assert step["request"]["state"] == "oriented"
    assert expect(world.administrator.get(f"/api/v1/slots/{slot['id']}"), 200)["occupancy"] == "free"
