"""`snp rota`: exit codes and one-line faults, without a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.commands.rota import rota_app
from slots.rota.writing import write_problem
from tests.support.rota import a_carer, a_problem, a_shift

PROBLEM = a_problem((a_shift(0), a_shift(1)), (a_carer("a"), a_carer("b")))


@pytest.fixture
def files(tmp_path):
    """A problem on disk, and where its answer goes."""
    (tmp_path / "rota.json").write_text(write_problem(PROBLEM))
    return str(tmp_path / "rota.json"), str(tmp_path / "answer.json")


def run(*arguments: str):
    return CliRunner().invoke(rota_app, list(arguments))


def test_an_answer_is_written_and_judged(files):
    assert run("solve", files[0], "--out", files[1]).exit_code == 0
    judged = run("check", *files)
    assert judged.exit_code == 0
    assert "valid: optimal" in judged.stdout


def test_an_answer_that_breaks_a_rule_is_not_valid(files):
    run("solve", files[0], "--out", files[1])
    answer = json.loads(Path(files[1]).read_text())
    answer["turns"] = {shift: [] for shift in answer["turns"]}
    Path(files[1]).write_text(json.dumps(answer))
    judged = run("check", *files)
    assert judged.exit_code == 1
    assert "too_few: Le lundi 30" in judged.stdout
    assert "not valid: 4 violations" in judged.stdout


def test_a_rota_that_cannot_be_ends_with_its_rules(files):
    impossible = a_problem(PROBLEM.shifts, (a_carer("a", most_per_week=1),))
    Path(files[0]).write_text(write_problem(impossible))
    solved = run("solve", files[0])
    assert solved.exit_code == 1
    assert "Dr A tient au plus 1 garde par semaine." in solved.stderr


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"format": "snp-rota/2"}, "format"),
        ({"shifts": [{"id": "x"}]}, "shifts[0].start: missing field"),
        ({"gaps": 1}, "gaps: expected true or false"),
        ({"carers": [{"id": "a", "fixed": ["nulle part"]}]}, "carers[0].fixed"),
        ({"limits": {"most_per_day": 0}}, "limits.most_per_day: 0 is less than 1"),
        ({"carers": [{"id": "a", "wishes": [{"weekday": 0, "half": "morning", "points": 9}]}]}, "points"),
    ],
)
def test_a_malformed_file_is_told_in_one_line(files, change, place):
    Path(files[0]).write_text(json.dumps(json.loads(write_problem(PROBLEM)) | change))
    refused = run("solve", files[0])
    assert refused.exit_code == 2
    assert place in refused.stderr
    assert refused.stderr.count("\n") == 1
