"""Hors des heures SNP, au comptoir comme au téléphone, on est orienté vers la permanence des soins."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.support.http import World, a_patient, expect, open_request, publish

SATURDAY_EVENING = datetime.fromisoformat("2026-11-28T21:00:00+01:00")


def test_le_samedi_soir_le_comptoir_oriente_vers_la_permanence_des_soins(world: World) -> None:
    world.service.at(SATURDAY_EVENING)
    publish(world, "2026-11-30T09:00:00+01:00")
    form = {
        "territory_id": str(world.territory.id),
        "answers": {"reason": "skin", "age_years": 39, "sex": "F", "reviewed": True},
        "mt": {"has_mt": False},
        "patient": a_patient(),
    }

    result = expect(world.caller("pharmacy").post("/api/v1/desk/requests", json=form), 200)

    assert result["outcome"] == "pdsa"
    assert result["request"] is None
    assert result["reasons"][0]["source"]


def test_le_samedi_soir_un_appel_est_prevenu_et_la_decision_va_a_la_pdsa(world: World) -> None:
    world.service.at(SATURDAY_EVENING)
    body = {"territory_id": str(world.territory.id), "patient": a_patient()}
    step = expect(world.arm.post("/api/v1/requests", json=body), 201)
    assert step["reasons"]
    path = f"/api/v1/requests/{step['request']['id']}"
    expect(world.arm.post(f"{path}/mt-check", json={"answers": {"has_mt": False}}), 200)
    decision = {
        "disposition": "snp_consultation",
        "urgency": {"priority": "P2", "response_level": "R3"},
    }

    step = expect(world.regulateur.post(f"{path}/decision", json=decision), 200)

    assert step["request"]["disposition"] == "pdsa"
    assert step["request"]["state"] == "oriented"


def test_le_besoin_qui_peut_attendre_cherche_un_creneau_du_lundi(world: World) -> None:
    world.service.at(SATURDAY_EVENING)
    publish(world, "2026-11-30T09:00:00+01:00")
    request = open_request(world)
    path = f"/api/v1/requests/{request['id']}"
    expect(world.arm.post(f"{path}/mt-check", json={"answers": {"has_mt": False}}), 200)
    decision = {
        "disposition": "snp_consultation",
        "delay_h": 48,
        "can_wait": True,
        "urgency": {"priority": "P3", "response_level": "R3"},
    }
    step = expect(world.regulateur.post(f"{path}/decision", json=decision), 200)
    assert step["request"]["state"] == "seeking"

    found = expect(world.osnp.post(f"{path}/proposals", json={}), 200)

    assert len(found["proposals"]) == 1


@pytest.mark.parametrize("start", ["2026-11-25T20:00:00+01:00", "2026-11-29T10:00:00+01:00"])
def test_un_creneau_hors_des_heures_snp_n_est_pas_publie(world: World, start: str) -> None:
    body = {
        "kind": "single",
        "practitioner_id": str(world.gp.id),
        "start": start,
        "offer": {"site_id": str(world.site.id), "territory_ids": [str(world.territory.id)]},
    }

    answer = world.practitioner.post("/api/v1/slots", json=body)

    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:snp:problem:outside-snp-hours"
