"""The files of an installation name what exists: metrics, commands, settings."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families

from api.cli import COMMANDS
from api.jobs import work
from api.observing.meters import JOB_FAILURES, JOB_LAST_SUCCESS
from snp.platform.settings import Settings
from tests.support.http import World, a_patient, book, publish, seeking_request

DEPLOY = Path(__file__).resolve().parents[2] / "api" / "deploy"
METRIC = re.compile(r"\bsnp_[a-z_0-9]+")


def known(world: World) -> set[str]:
    """The name of every sample that the service tells."""
    for hour in (15, 16):
        publish(world, f"2026-11-24T{hour}:00:00+01:00")
    book(world, seeking_request(world)["id"])
    seeking_request(world, patient=a_patient(given_name="Jade", phone="0612345679"))
    work.watch_invariants(world.service.wiring)
    JOB_FAILURES.labels("none").inc(0)
    JOB_LAST_SUCCESS.labels("none").set(0)
    text = world.service.caller().get("/metrics").text
    return {one.name for family in text_string_to_metric_families(text) for one in family.samples}


def test_the_dashboard_and_the_alerts_read_metrics_that_the_service_tells(world: World) -> None:
    board = json.loads((DEPLOY / "grafana.json").read_text())
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]
    asked = {panel["title"]: target["expr"] for panel in board["panels"] for target in panel["targets"]}
    asked |= {rule["alert"]: rule["expr"] for rule in rules}

    told = known(world)

    strange = {name: set(METRIC.findall(expr)) - told for name, expr in asked.items()}
    assert {name: left for name, left in strange.items() if left} == {}
    assert len(asked) > 20


def test_the_units_and_the_container_name_commands_and_settings_that_exist() -> None:
    settings = {f"SNP_{name.upper()}" for name in Settings.model_fields}
    commands = {row.name for row in COMMANDS}
    for path in (DEPLOY / "snp.service", DEPLOY / "snp-backup.service", DEPLOY / "Containerfile"):
        text = path.read_text()
        assert set(re.findall(r"\bSNP_[A-Z_]+", text)) <= settings, path
        assert set(re.findall(r"bin/snp (\w+)", text)) <= commands, path
