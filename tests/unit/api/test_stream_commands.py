"""`snp replay` and `snp simulate` as commands: lines out, one line on a fault, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from api.commands.replay import replay
from api.commands.simulate import COMMUNES as COMMUNES_FILE
from api.commands.simulate import TerritoryName, _communes, _extra, simulate
from snp.assignment.stream_writing import write_stream
from snp.simulation.region import region_week
from tests.support.streams import tiny

APP = typer.Typer()
APP.command("replay")(replay)
APP.command("simulate")(simulate)
RUN = CliRunner()

COMMUNES = """name,population,lat,lon,perimeter
Pornic,18745,47.11581,-2.10331,pays-de-retz
Sainte-Pazanne,7201,47.10355,-1.81045,pays-de-retz
"""


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    path = tmp_path / "day.jsonl"
    path.write_text("".join(write_stream(region_week(1, tiny()))), encoding="utf-8")
    return path


@pytest.mark.parametrize("policy", ["fcfs", "nearest", "sas", "live"])
def test_a_replay_ends_with_its_summary(stream: Path, policy: str) -> None:
    result = RUN.invoke(APP, ["replay", str(stream), "--policy", policy, "--clairvoyant"])
    assert result.exit_code == 0
    *answers, summary = [json.loads(line) for line in result.stdout.splitlines()]
    assert summary["format"] == "snp-replay/1"
    assert summary["policy"] == policy
    assert 0 < summary["score"] <= 1
    assert {answer["request"] for answer in answers}


def test_the_bound_alone_needs_no_policy(stream: Path) -> None:
    result = RUN.invoke(APP, ["replay", str(stream), "--clairvoyant"])
    assert json.loads(result.stdout)["policy"] == "clairvoyant"


def test_answers_may_go_to_a_file(stream: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.jsonl"
    assert RUN.invoke(APP, ["replay", str(stream), "--policy", "fcfs", "--out", str(out)]).exit_code == 0
    assert json.loads(out.read_text(encoding="utf-8").splitlines()[-1])["policy"] == "fcfs"


@pytest.mark.parametrize(
    ("line", "place"), [("{}", "line 1.format"), ("nonsense", "line 1 column 1"), ("", "line 1")]
)
def test_a_malformed_stream_leaves_one_line_and_code_2(tmp_path: Path, line: str, place: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    result = RUN.invoke(APP, ["replay", str(path)])
    assert result.exit_code == 2
    assert place in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_unknown_policy_or_file_is_refused(stream: Path, tmp_path: Path) -> None:
    assert RUN.invoke(APP, ["replay", str(stream), "--policy", "best"]).exit_code == 2
    assert RUN.invoke(APP, ["replay", str(tmp_path / "nowhere")]).exit_code == 2


def test_a_simulation_answers_a_what_if_and_writes_files(tmp_path: Path) -> None:
    communes = tmp_path / "communes.csv"
    communes.write_text(COMMUNES, encoding="utf-8")
    out = tmp_path / "out"
    few = ["--set", "days=5", "--set", "history_days=0", "--set", "gps=6", "--set", "physios=2"]
    asked = [
        "--what-if",
        "6 médecins donnent 2 créneaux de plus le lundi",
        "--demand",
        "0.8,1",
        "--seeds",
        "2",
        "--workers",
        "1",
        "--out",
        str(out),
    ]
    result = RUN.invoke(APP, ["simulate", "--communes", str(communes), *few, *asked])
    assert result.exit_code == 0
    assert "Et si 6 médecins généralistes donnaient 2 créneaux" in " ".join(result.stdout.split())
    written = {path.name for path in out.iterdir()}
    assert written >= {"simulation.json", "simulation.csv", "servis.svg", "servis-par-demande.svg"}


@pytest.mark.parametrize("territory", list(TerritoryName))
def test_the_communes_of_every_territory_are_there(territory: TerritoryName) -> None:
    assert len(_communes(COMMUNES_FILE, territory)) > 5


@pytest.mark.parametrize(
    ("asked", "profession", "weekday"),
    [
        ("6 medecin_generaliste +2 monday", "medecin_generaliste", 0),
        ("6 médecins +2 lundi", "medecin_generaliste", 0),
        ("3 kinés donnent 2 créneaux de plus le jeudi", "kinesitherapeute", 3),
    ],
)
def test_a_what_if_is_read_as_it_is_said(asked: str, profession: str, weekday: int) -> None:
    extra = _extra(asked)
    assert (extra.profession, extra.slots, extra.weekday) == (profession, 2, weekday)


@pytest.mark.parametrize(
    "options",
    [
        ["--demand", "x"],
        ["--demand", "50"],
        ["--set", "nothing=1"],
        ["--set", "no_show=2"],
        ["--set", "no_show=x"],
        ["--what-if", "more slots"],
        ["--what-if", "6 boulangers +2 lundi"],
    ],
)
def test_a_bad_option_of_the_simulation_is_refused(tmp_path: Path, options: list[str]) -> None:
    communes = tmp_path / "communes.csv"
    communes.write_text(COMMUNES, encoding="utf-8")
    assert RUN.invoke(APP, ["simulate", "--communes", str(communes), *options]).exit_code == 2
