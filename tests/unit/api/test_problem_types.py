"""Every refusal of every package has its row, and every row its words."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import api
import regulation
import slots
import snp
from api.problem_types import PROBLEM_TYPES
from snp.errors import NotFound, SnpError


def refusals(kind: type[SnpError] = SnpError) -> Iterator[type[SnpError]]:
    """Every refusal of the four packages, the root included."""
    yield kind
    for child in kind.__subclasses__():
        yield from refusals(child)


def test_every_refusal_has_its_row() -> None:
    for package in (snp, slots, regulation, api):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)

    ours = {
        kind for kind in refusals() if kind.__module__.split(".")[0] in {"snp", "slots", "regulation", "api"}
    }
    without = {f"{kind.__module__}.{kind.__name__}: {kind.slug}" for kind in ours if not _has_row(kind)}

    assert len(ours) > 40
    assert without == set()


def test_every_row_has_words_in_both_languages_and_a_status() -> None:
    for slug, kind in PROBLEM_TYPES.items():
        assert kind.slug == slug
        assert 400 <= kind.status <= 503
        assert kind.title
        assert kind.title_fr
        assert kind.advice.endswith((".", "…", ")")), slug
        assert kind.urn == f"urn:snp:problem:{slug}"


def _has_row(kind: type[SnpError]) -> bool:
    """What does not exist is told by one row, whatever it is."""
    return issubclass(kind, NotFound) or kind.slug in PROBLEM_TYPES
