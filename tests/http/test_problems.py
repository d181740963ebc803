"""Every refusal is a problem: its kind in a stable slug, its sentence in the reader's language."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support.http import Service, World, a_patient, expect, refused


def _opening(world: World, **changes: Any) -> dict[str, Any]:
    return {"territory_id": str(world.territory.id), "patient": a_patient()} | changes


def test_an_unknown_field_is_named_by_its_pointer(world: World) -> None:
    body = _opening(world, patient=a_patient(nickname="Mimi"))

    problem = refused(world.arm.post("/api/v1/requests", json=body), 422, "validation")

    assert problem["errors"] == [
        {
            "in": "body",
            "pointer": "#/patient/nickname",
            "code": "extra_forbidden",
            "detail_en": "Extra inputs are not permitted",
            "detail_fr": "champ inconnu",
        }
    ]


def test_a_refusal_never_quotes_what_was_typed(world: World) -> None:
    body = _opening(world, patient=a_patient(birth_date="né en 1987 à Nantes"))

    answer = world.arm.post("/api/v1/requests", json=body)

    refused(answer, 422, "validation")
    assert "Nantes" not in answer.text


@pytest.mark.parametrize("start", ["2026-11-25T10:00:00", "2026-11-25", "1764061200", "9999-12-31T23:00:00Z"])
def test_an_instant_without_an_offset_or_out_of_reach_is_refused(world: World, start: str) -> None:
    refused(world.administrator.get(f"/api/v1/slots?starts_from={start}"), 422, "validation")


def test_a_reader_gets_his_own_language(world: World) -> None:
    french = world.arm.get("/api/v1/requests/nothing", headers={"Accept-Language": "fr-FR,en;q=0.5"})
    english = world.arm.get("/api/v1/requests/nothing", headers={"Accept-Language": "en-GB,fr;q=0.2"})

    assert french.headers["content-language"] == "fr"
    assert "identifiant (UUID)" in french.json()["detail"]
    assert english.headers["content-language"] == "en"
    assert "valid UUID" in english.json()["detail"]
    assert french.json()["type"] == english.json()["type"]
    assert english.json()["title_fr"] == "Valeurs refusées"


def test_a_body_that_is_not_json_is_refused(world: World) -> None:
    headers = {"Content-Type": "application/json"}

    refused(world.arm.post("/api/v1/requests", content=b"{oops", headers=headers), 400, "malformed-body")


def test_another_content_type_is_refused(world: World) -> None:
    answer = world.arm.post("/api/v1/requests", data={"a": "b"})

    refused(answer, 415, "unsupported-media-type")


def test_a_reader_who_wants_no_json_is_refused(world: World) -> None:
    answer = world.arm.get("/api/v1/requests", headers={"Accept": "application/xml"})

    refused(answer, 406, "not-acceptable")


def test_an_unknown_route_and_a_wrong_method_are_problems(world: World) -> None:
    refused(world.arm.get("/api/v1/nowhere"), 404, "no-such-route")
    answer = world.arm.delete("/api/v1/territories")
    refused(answer, 405, "method-not-allowed")
    assert "GET" in answer.headers["allow"]


def test_a_body_beyond_the_limit_is_refused_announced_or_not(world: World) -> None:
    big = json.dumps({"note": "x" * 1_100_000}).encode()
    headers = {"Content-Type": "application/json"}

    refused(world.arm.post("/api/v1/requests", content=big, headers=headers), 413, "body-too-large")
    streamed = (big[n : n + 65_536] for n in range(0, len(big), 65_536))
    refused(world.arm.post("/api/v1/requests", content=streamed, headers=headers), 413, "body-too-large")


def test_a_text_that_no_database_can_hold_is_refused(world: World) -> None:
    body = _opening(world, note="avant\x00après")

    refused(world.arm.post("/api/v1/requests", json=body), 422, "validation")


def test_a_lost_database_is_told_as_such(service: Service, world: World) -> None:
    caller = world.caller("arm")
    url = service.wiring.engine.url
    service.wiring.engine.dispose()
    _forbid_connections(service, url.database or "")

    answer = caller.get("/api/v1/territories")

    refused(answer, 503, "unavailable")
    assert answer.headers["retry-after"]
    assert service.caller().get("/healthz").status_code == 503


def test_each_problem_type_has_its_page(service: Service) -> None:
    reader = service.caller()

    page = reader.get("/problems/slot-already-taken")
    listed = reader.get("/problems")

    assert page.status_code == 200
    assert "urn:snp:problem:slot-already-taken" in page.text
    assert "Créneau déjà pris" in page.text
    assert "/problems/slot-already-taken" in listed.text
    assert reader.get("/problems/nothing").status_code == 404


def test_every_answer_names_its_request_and_guards_itself(service: Service) -> None:
    answer = service.caller().get("/healthz")

    assert expect(answer, 200)["status"] == "ok"
    assert len(answer.headers["x-request-id"]) == 36
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_a_problem_names_the_request_it_answers(world: World) -> None:
    answer = world.arm.get("/api/v1/nowhere")

    assert answer.json()["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    assert answer.headers["link"] == '</problems/no-such-route>; rel="help"'


def test_the_documentation_is_served_from_here(service: Service) -> None:
    reader = service.caller()

    for path in ("/docs", "/redoc"):
        page = reader.get(path)
        assert page.status_code == 200
        assert "cdn" not in page.text
        assert "https://" not in page.text.replace("https://fastapi", "")
    assert reader.get("/static-offline-docs/swagger-ui-bundle.js").status_code == 200


def _forbid_connections(service: Service, name: str) -> None:
    """Cut the service off its database, as a network would."""
    server = service.wiring.engine.url.set(database="postgres")
    administrator = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        connection.execute(sa.text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        connection.execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
            {"name": name},
        )
    administrator.dispose()
