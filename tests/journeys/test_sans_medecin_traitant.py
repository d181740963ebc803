"""Une personne sans médecin traitant : inscrite après un appel, acceptée, rendue, acceptée ailleurs, suivie.

Son ancienneté ne se perd pas ; son nom n'est lu que par qui l'accepte, et chaque lecture est tracée.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.support.http import World, expect, open_request, refused


def declare(world: World, role: str) -> str:
    body = {"territory_id": str(world.territory.id), "places": 3, "valid_until": "2027-03-31"}
    return str(expect(world.caller(role).post("/api/v1/mt-places", json=body), 201)["id"])


def picked(world: World, role: str, place: str, entry: str) -> Any:
    body = {"place_id": place, "entry_id": entry}
    return expect(world.caller(role).post("/api/v1/mt-picks", json=body), 201)


def test_de_l_appel_a_la_declaration_signee(world: World) -> None:
    # La régulation inscrit l'appelant d'un geste : sa commune et son âge sont déjà connus.
    request = open_request(world)
    path = f"/api/v1/mt-entries/from-request/{request['id']}"
    entry = expect(world.osnp.post(path, json={"ald": True}), 201)["id"]
    assert expect(world.osnp.post(path, json={}), 201)["id"] == entry
    seen = expect(world.osnp.get(f"/api/v1/mt-entries/{entry}"), 200)
    assert [point["code"] for point in seen["points"]] == ["ald"]
    since = seen["waiting_since"]

    # Elle appelle un cabinet, qui refuse : cela compte, et le motif se comptera.
    call = {"answer": "refused", "practice": "Cabinet du Bourg", "reason": "full", "note": "complet"}
    expect(world.osnp.post(f"/api/v1/mt-entries/{entry}/calls", json=call), 201)
    assert expect(world.osnp.get(f"/api/v1/mt-entries/{entry}"), 200)["total"] == 42

    # Un médecin déclare des places : il voit une fiche sans nom, et ne peut pas lire qui c'est.
    place = declare(world, "practitioner")
    cards = world.practitioner.get(f"/api/v1/mt-places/{place}/cards")
    assert expect(cards, 200)["items"][0]["entry_id"] == entry
    assert "Guérin" not in cards.text
    refused(world.practitioner.get(f"/api/v1/mt-entries/{entry}/patient?why=essai"), 403, "forbidden")

    # Il accepte, lit le nom, n'appelle pas à temps : la personne revient, son ancienneté gardée.
    pick = picked(world, "practitioner", place, entry)["id"]
    name = f"/api/v1/mt-picks/{pick}/patient?why=appel du cabinet"
    assert expect(world.practitioner.get(name), 200)["patient"]["family_name"] == "Guérin"
    refused(world.coordinator.get(name), 403, "forbidden")
    world.service.later(days=9)
    tend(world)
    back = expect(world.osnp.get(f"/api/v1/mt-entries/{entry}"), 200)
    assert (back["state"], back["waiting_since"]) == ("waiting", since)
    refused(world.practitioner.get(name), 404, "not-found")

    # Sa secrétaire le reprend pour lui, l'appelle, et la déclaration est signée.
    again = picked(world, "delegate", place, entry)["id"]
    expect(world.delegate.post(f"/api/v1/mt-picks/{again}/called"), 200)
    expect(world.practitioner.post(f"/api/v1/mt-picks/{again}/signed"), 200)
    refused(world.practitioner.post(f"/api/v1/mt-picks/{again}/signed"), 409, "mt-pick-ended")
    assert expect(world.osnp.get(f"/api/v1/mt-entries/{entry}"), 200)["state"] == "signed"

    # Le coordinateur ne voit que des chiffres, et rien de ce qui est trop petit.
    query = f"territory_id={world.territory.id}&since=2026-11-01T00:00:00Z&until=2027-01-01T00:00:00Z"
    told = expect(world.coordinator.get(f"/api/v1/mt-entries/figures?{query}"), 200)
    assert (told["entered"], told["signed"], told["refusals"]) == (None, None, {"full": None})
    refused(world.neighbour_coordinator.get(f"/api/v1/mt-entries/figures?{query}"), 404, "not-found")
    refused(world.coordinator.get(f"/api/v1/mt-entries/{entry}"), 403, "forbidden")

    # Un mois après la fin, il ne reste de la personne que des dates ; les lectures restent tracées.
    world.service.later(days=31)
    tend(world)
    with world.service.session() as session:
        row = session.execute(sa.text("SELECT identity, insee, erased_at FROM mt_entry")).one()
        reads = session.execute(sa.text("SELECT why FROM audit_entry WHERE action = 'read'")).scalars().all()
    assert (row.identity, row.insee) == (None, None)
    assert row.erased_at is not None
    assert "appel du cabinet" in reads


def tend(world: World) -> None:
    """Let the clock's job do its round."""
    from api.jobs.mt_list import tend as job

    assert job(world.service.wiring) > 0
