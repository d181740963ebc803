"""Il va manquer des créneaux : le service le voit, sollicite un médecin, qui accepte d'un geste.

La régulation n'a téléphoné à personne ; un patient est placé, le coordinateur voit des nombres.
"""

from __future__ import annotations

from datetime import timedelta

from api.jobs.coverage_work import watch_coverage
from regulation.coverage import service as coverage
from regulation.messages import service as messages
from regulation.messages.facts import Letter
from snp.directory import service as directory
from snp.directory.facts import PractitionerDetails
from snp.notifications import service as outbox
from snp.platform.actors import system
from tests.support.http import World, book, expect, seeking_request


def test_le_service_demande_des_creneaux_avant_qu_il_n_y_en_ait_plus(world: World) -> None:
    service = world.service
    with service.session() as session:
        now = service.clock.now()
        one = directory.get_practitioner(session, world.gp.id, now=now)
        joignable = PractitionerDetails(
            given_name=one.given_name,
            family_name=one.family_name,
            profession=one.profession,
            rpps=one.rpps,
            phone="+33639980001",
            site_ids=frozenset(one.site_ids),
        )
        by = system("essai")
        directory.update_practitioner(session, one.id, joignable, version=one.version, by=by, now=now)

    # Trois semaines de besoins, sans un créneau.
    today = service.clock.instant
    for back in range(21, 0, -1):
        service.at(today - timedelta(days=back))
        if service.clock.instant.weekday() < 5:
            seeking_request(world)
    service.at(today)

    # Le service voit venir la pénurie et ouvre un appel.
    watch_coverage(service.wiring)
    told = expect(world.regulateur.get(f"/api/v1/territories/{world.territory.id}/coverage"), 200)
    sheet = told["professions"][0]
    assert sheet["basis"] == "weeks"
    assert max(half["risk"] for half in sheet["half_days"]) > 0.5
    [call] = expect(world.coordinator.get(f"/api/v1/territories/{world.territory.id}/slot-calls"), 200)[
        "items"
    ]
    assert call["automatic"]
    assert call["asked"] == 1

    # Le médecin reçoit un SMS avec un lien, et accepte d'un geste.
    with service.session() as session:
        desk = messages.Desk(service.wiring.keys, service.url)
        message = outbox.claim(session, ["sms"], now=service.clock.now())
        while message is not None and message.payload["kind"] != "carer_slot_call":
            message = outbox.claim(session, ["sms"], now=service.clock.now())
        assert message is not None
        letter = messages.compose(session, message, desk, service.clock.now())
        [ask] = coverage.asks(session, call["id"])
    assert isinstance(letter, Letter)
    link = letter.text.rsplit(service.url, 1)[1]
    telephone = service.caller()
    assert "Un créneau à ouvrir ?" in telephone.get(link).text
    start = ask.moments[0].start.isoformat()
    assert telephone.post(link, data={"accepte": start}).status_code == 303

    # La régulation y place un patient ; le coordinateur voit ce que l'appel a donné.
    appointment = book(world, seeking_request(world)["id"])
    assert appointment["start"].startswith(ask.moments[0].start.strftime("%Y-%m-%dT%H:%M"))
    seen = expect(
        world.coordinator.get(f"/api/v1/territories/{world.territory.id}/slot-calls/{call['id']}"), 200
    )
    assert seen["outcome"]["served"] == 1
    assert seen["outcome"]["gained"] >= 1
