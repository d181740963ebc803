"""The official profiles of the SAS guide, where this machine has them: they are not ours to ship.

They are looked for in `SNP_SAS_GUIDE`, else in `../shared/sas-ig` beside the repository.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "SNP_SAS_GUIDE"
_BESIDE = Path(__file__).parents[3] / "shared" / "sas-ig"


def profiles() -> Path:
    """Where the StructureDefinitions are; skips the test, with the reason, where they are not."""
    folder = Path(os.environ.get(VARIABLE, _BESIDE)) / "profiles"
    if not folder.is_dir():
        pytest.skip(f"the official profiles of the SAS guide are not in {folder} (set {VARIABLE})")
    return folder


def findings(resource: dict[str, Any]) -> list[str]:
    """What an independent validator says against a resource and its profile, but for what it cannot judge.

    References are to resolve within a Bundle, and only there.
    """
    noise = NOISE if resource["resourceType"] == "Bundle" else (*NOISE, UNRESOLVED)
    report = _validator(profiles()).validate_resource(resource)
    return [
        f"{issue.resource_type} {issue.path}: {issue.message}"
        for issue in report.issues
        if not any(each in issue.message for each in noise)
    ]


NOISE = (
    "FHIRPath invariant could not be evaluated: reference.startsWith('#').not()",
    "FHIRPath invariant failed: text.`div`.exists()",
    "Profile slice entry:",
    "Profile slice serviceType.extension:sas-servicetype-r5",
    "Code 'application/fhir+json' is not in required ValueSet",
)
"""What it says of the guide's own examples too: `ref-1` uses a function that it lacks; a narrative is advice;
slices by the profile of an entry, and the one extension of a slice, it counts over all elements (these are
asserted by hand beside it); the list of media types is none that it could expand.
"""
UNRESOLVED = "does not resolve in local validation set"


@cache
def _validator(folder: Path) -> Any:
    from pyrofile_validator import Validator
    from pyrofile_validator.config import ValidatorConfig

    return Validator(ValidatorConfig.load_dict({"localPackagePaths": [str(folder)]}))
