"""`snp replay` and `snp simulate` as commands: lines out, one line on a fault, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from api.commands.replay import replay
from api.commands.simulate import simulate
from snp.assignment.stream_writing import write_stream
from snp.simulation.region import region_week
from tests.support.streams import tiny

APP = typer.Typer()
APP.command("replay")(replay)
APP.command("simulate")(simulate)
RUN = CliRunner()

COMMUNES = """name,population,lat,lon,cpts_status
Pornic,18745,47.11581,-2.10331,likely CPTS Pays de Retz
Sainte-Pazanne,7201,47.10355,-1.81045,likely CPTS Pays de Retz
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
        "6 medecin_generaliste +2 monday",
        "--seeds",
        "2",
        "--workers",
        "1",
        "--out",
        str(out),
    ]
    result = RUN.invoke(APP, ["simulate", "--communes", str(communes), *few, *asked])
    assert result.exit_code == 0
    assert "Et si" in result.stdout
    assert {path.name for path in out.iterdir()} >= {"simulation.json", "simulation.csv", "servis.svg"}


@pytest.mark.parametrize(
    "options",
    [["--set", "nothing=1"], ["--set", "no_show=2"], ["--set", "no_show=x"], ["--what-if", "more slots"]],
)
def test_a_bad_option_of_the_simulation_is_refused(tmp_path: Path, options: list[str]) -> None:
    communes = tmp_path / "communes.csv"
    communes.write_text(COMMUNES, encoding="utf-8")
    assert RUN.invoke(APP, ["simulate", "--communes", str(communes), *options]).exit_code == 2
