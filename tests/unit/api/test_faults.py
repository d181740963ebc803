"""A fault is told by where it happened, whatever the code in between calls itself."""

from __future__ import annotations

from uuid import UUID

import pytest

from api.edge import _say_fault
from snp.platform.logs import configure_logs
from snp.platform.settings import Settings


def test_code_made_at_run_time_is_told_without_its_name(
    capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    configure_logs(settings)
    code = compile("raise RuntimeError('Maëlle Guérin')", "<made (for) Maëlle Guérin>", "exec")
    try:
        exec(code)
    except RuntimeError as error:
        _say_fault(error, UUID(int=1))
    said = capsys.readouterr().err
    assert "generated" in said
    assert "test_faults.py" in said
    assert "Maëlle" not in said
