"""Un acte régulé devient une majoration prouvée, un relevé, une ligne du budget ; puis une correction.

Du premier appel à la clôture du mois : chaque somme se retrouve jusqu'à la décision du médecin régulateur.
"""

from __future__ import annotations

from api.jobs.statements import compute_statements
from tests.support.agenda import local
from tests.support.http import World, book, expect, publish, seeking_request


def test_de_l_appel_au_releve_clos(world: World) -> None:
    # Le médecin publie ; la régulation décide et place un patient sans médecin traitant.
    publish(world, "2026-11-25T10:00:00+01:00")
    request = seeking_request(world)
    appointment = book(world, request["id"])

    # Le patient est venu : le médecin le dit, le relevé du mois se remplit seul.
    world.service.at(local("2026-11-25 10:30"))
    expect(world.practitioner.post(f"/api/v1/appointments/{appointment['id']}/honour"), 200)
    compute_statements(world.service.wiring)
    path = f"/api/v1/practitioners/{world.gp.id}/statements"
    (november,) = expect(world.practitioner.get(path), 200)["statements"]
    assert november["cpam_cents"] == 1500

    # La preuve : qui a décidé, quand, pour quel dossier ; jamais le patient.
    acts = f"/api/v1/practitioners/{world.gp.id}/acts?month=2026-11-01"
    (act,) = expect(world.practitioner.get(acts), 200)["acts"]
    assert (act["request_number"], act["decided_role"]) == (request["number"], "regulateur")
    assert "Guérin" not in world.practitioner.get(acts).text

    # Dix jours après la fin du mois le relevé se clôt ; la coordination n'en voit que le total.
    world.service.at(local("2026-12-11 06:00"))
    compute_statements(world.service.wiring)
    (november,) = expect(world.practitioner.get(path), 200)["statements"]
    assert november["closed_at"]
    budget = f"/api/v1/territories/{world.territory.id}/compensation/years/2026"
    assert expect(world.coordinator.get(budget), 200)["months"][10]["cpam_cents"] == 1500

    # Le médecin avait facturé MCG : novembre ne bouge pas, décembre porte la correction.
    billing = f"/api/v1/appointments/{appointment['id']}/billing"
    expect(world.practitioner.put(billing, json={"codes": ["MCG"]}), 200)
    december, kept = expect(world.practitioner.get(path), 200)["statements"]
    assert kept == november
    assert (december["month"], december["cpam_cents"]) == ("2026-12-01", -1500)
    lines = expect(world.practitioner.get(f"/api/v1/statements/{december['id']}"), 200)["lines"]
    assert [(one["day"], one["corrected_month"]) for one in lines] == [("2026-12-11", "2026-11-01")]
