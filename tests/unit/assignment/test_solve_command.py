from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from api.commands.solve import solve
from snp.assignment.writing import write_instance
from tests.support.assignment import a_request, a_slot, an_instance


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    app = Typer(pretty_exceptions_enable=False)
    app.command("solve")(solve)
    return CliRunner().invoke(app, list(arguments), input=stdin)


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    path = tmp_path / "instance.json"
    path.write_text(write_instance(an_instance([a_slot()], [a_request("r1"), a_request("r2", max_km=0)])))
    return path


def test_a_file_is_solved_to_the_standard_output(problem: Path) -> None:
    result = run(str(problem))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["format"] == "snp-assignment/1"
    assert result.stderr == ""


def test_a_problem_is_read_from_the_standard_input(problem: Path) -> None:
    result = run("-", stdin=problem.read_text())
    assert json.loads(result.stdout)["status"] == "optimal"


def test_the_answer_is_written_to_a_file_and_summed_up_on_the_error_stream(
    problem: Path, tmp_path: Path
) -> None:
    out = tmp_path / "answer.json"
    result = run(str(problem), "--out", str(out), "--time-limit", "5")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "optimal, served 0 P1, 1 P2, 0 P3, unserved 1" in result.stderr
    assert json.loads(out.read_text())["burden"] >= 0


def test_an_own_answer_is_judged_valid(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "answer.json"
    run(str(problem), "--out", str(out))
    result = run("--check", str(problem), str(out))
    assert result.exit_code == 0
    assert result.stdout.startswith("valid: optimal, served 0 P1, 1 P2, 0 P3")


def test_a_wrong_answer_is_judged_line_by_line(problem: Path) -> None:
    answer = json.loads(run(str(problem)).stdout)
    answer["burden"] += 1
    result = run("--check", str(problem), "-", stdin=json.dumps(answer))
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "not valid: 1 violation"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "line 1 column 2: not JSON"),
        (b"\xff", "line 1 column 1: not UTF-8 text"),
        (b'{"format": "snp-instance/1"}', "now: missing field"),
        (b'{"format": "snp-assignment/1"}', 'format: expected "snp-instance/1", found "snp-assignment/1"'),
    ],
)
def test_a_malformed_file_is_told_in_one_line(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    result = run(str(path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert f"{path}: {message}" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.json"], "missing.json: No such file or directory"),
        (["."], ".: Is a directory"),
        (["a.json", "b.json"], "one FILE to solve is expected, 2 given"),
        (["--check", "a.json"], "--check expects INSTANCE and ANSWER, 1 given"),
        (
            ["--check", "a.json", "b.json", "--out", "c.json"],
            "--check goes with neither --out nor --time-limit",
        ),
        (["--check", "-", "-"], "only one of INSTANCE and ANSWER can be the standard input"),
        (["a.json", "--time-limit", "inf"], "--time-limit: must be a finite number of seconds"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert message in result.stderr


@pytest.mark.parametrize("out", ["missing/answer.json", "."])
def test_an_answer_that_cannot_be_written_is_told_in_one_line(
    problem: Path, tmp_path: Path, out: str
) -> None:
    result = run(str(problem), "--out", str(tmp_path / out))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
