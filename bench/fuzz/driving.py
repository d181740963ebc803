"""Drives every documented operation from the OpenAPI document, and judges each answer by it.

What is sent is made by schemathesis: valid by the schema, and invalid on purpose. Identifiers read in answers
are put back into later questions, so that the walk gets past « not found ».
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KNOWN_SHARE = 0.8
"""How often an identifier is one that exists: the others try what does not."""

MOST_KNOWN = 40
SECONDS_EACH = 20
ENDLESS = "/live"
"""Where the path of an answer ends that never does: a stream is tried by its own tests."""

Operation = APIOperation[Any, Any, Any, Any]


@dataclass
class Tried:
    """What one operation was asked by one role, and what it answered."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@dataclass
class Known:
    """Identifiers that answers told, by the name under which a question asks for them."""

    values: dict[str, list[str]] = field(default_factory=dict)

    def learn(self, path: str, answer: Any) -> None:
        """Remember every identifier of an answer: `id` by the noun of its path, `…_id` by its name."""
        noun = path.removeprefix("/api/v1/").split("/")[0].split("?")[0]
        for name, value in _pairs(answer):
            self.add(f"{_singular(noun)}_id" if name == "id" else name, value)

    def add(self, name: str, value: str) -> None:
        """Remember one identifier; the oldest of many is forgotten."""
        kept = self.values.setdefault(name, [])
        if value not in kept:
            kept.append(value)
            del kept[:-MOST_KNOWN]

    def put_into(self, held: Any, chance: random.Random) -> None:
        """Replace identifiers in a mapping or list by known ones, most of the time."""
        pairs = held.items() if isinstance(held, dict) else enumerate(held) if isinstance(held, list) else ()
        for name, value in list(pairs):
            key = str(name).removesuffix("s")
            if isinstance(value, str) and key in self.values and chance.random() < KNOWN_SHARE:
                held[name] = chance.choice(self.values[key])
            elif isinstance(value, list) and key in self.values and chance.random() < KNOWN_SHARE:
                held[name] = [chance.choice(self.values[key])]
            else:
                self.put_into(value, chance)


class Campaign:
    """Every operation of a document, asked by some callers of a running service."""

    def __init__(
        self, document: Mapping[str, Any], address: str, keys: Mapping[str, str], *, seed: int = 1
    ) -> None:
        self.tried: dict[tuple[str, str], Tried] = {}
        self.known = Known()
        self._address = address
        self._seed = seed
        self._callers = {role: _caller(key) for role, key in keys.items()}
        found = [one.ok() for one in schemathesis.openapi.from_dict(dict(document)).get_all_operations()]
        order = {"get": 0, "post": 1, "patch": 2, "put": 3, "delete": 4}
        self.operations: Sequence[Operation] = sorted(
            (one for one in found if not one.path.endswith(ENDLESS)),
            key=lambda one: order.get(one.method.lower(), 9),
        )
        self._strategies: dict[tuple[str, GenerationMode], Any] = {}

    @property
    def failures(self) -> Iterator[str]:
        """Every answer that the document does not allow."""
        for (role, operation), tried in self.tried.items():
            for failure in tried.failures:
                yield f"{role} {operation}: {failure}"

    def walk(self, examples: int, *, turn: int = 0) -> None:
        """Ask every operation `examples` times in each mode by who may, and once by somebody who may not."""
        for operation in self.operations:
            may, may_not = self._roles(operation)
            for role in may:
                for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                    self._ask(operation, role, mode, examples, turn)
            for role in may_not[:1]:
                self._ask(operation, role, GenerationMode.POSITIVE, 1, turn)

    def close(self) -> None:
        """Give the connections back."""
        for caller in self._callers.values():
            caller.close()

    def _ask(self, operation: Operation, role: str, mode: GenerationMode, examples: int, turn: int) -> None:
        tried = self.tried.setdefault((role, operation.label), Tried())
        chance = random.Random(f"{self._seed} {role} {operation.label} {mode} {turn}")
        strategy = self._strategy(operation, mode)

        @hypothesis.seed(chance.getrandbits(32))
        @hypothesis.settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=strategy)
        def ask_once(case: Case) -> None:
            self._once(case, role, tried, chance, is_valid=mode is GenerationMode.POSITIVE)

        try:
            ask_once()
        except Unsatisfiable:
            return  # such as an operation that nothing can be wrong with

    def _once(self, case: Case, role: str, tried: Tried, chance: random.Random, *, is_valid: bool) -> None:
        if is_valid or chance.random() < KNOWN_SHARE / 2:
            self.known.put_into(case.path_parameters, chance)
            self.known.put_into(case.query, chance)
            self.known.put_into(case.body, chance)
        answer = case.call(base_url=self._address, session=self._callers[role], timeout=SECONDS_EACH)
        tried.requests += 1
        tried.statuses[answer.status_code] += 1
        if answer.status_code < HTTPStatus.BAD_REQUEST:
            self._learn(answer)
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            tried.failures += [_said(one, case, answer) for one in group.exceptions]

    def _roles(self, operation: Operation) -> tuple[list[str], list[str]]:
        """Return the callers who may ask an operation, by the document, and those who may not."""
        told = operation.definition.raw.get("x-roles")
        may = [role for role in self._callers if told is None or role in told]
        return may, [role for role in self._callers if role not in may]

    def _strategy(self, operation: Operation, mode: GenerationMode) -> Any:
        key = (operation.label, mode)
        if key not in self._strategies:
            self._strategies[key] = operation.as_strategy(generation_mode=mode)
        return self._strategies[key]

    def _learn(self, answer: Response) -> None:
        if answer.headers.get("content-type", [""])[0].startswith("application/json") and answer.content:
            self.known.learn(str(answer.request.path_url), answer.json())


def _caller(key: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    if key:
        session.headers["Authorization"] = f"Bearer {key}"
    return session


def _pairs(held: Any) -> Iterator[tuple[str, str]]:
    if isinstance(held, dict):
        for name, value in held.items():
            if isinstance(value, str) and (name == "id" or name.endswith("_id") or name == "code"):
                yield name, value
            elif isinstance(value, list) and name.endswith("_ids"):
                yield from ((name.removesuffix("s"), one) for one in value if isinstance(one, str))
            else:
                yield from _pairs(value)
    elif isinstance(held, list):
        for one in held:
            yield from _pairs(one)


def _singular(noun: str) -> str:
    return noun.removesuffix("s")


def _said(failure: BaseException, case: Case, answer: Response) -> str:
    title = failure.title if isinstance(failure, Failure) else type(failure).__name__
    said = " ".join(str(failure).split())[:300]
    return f"{title}: {answer.status_code} {said} | {answer.text[:300]} | {case.as_curl_command()[:600]}"
