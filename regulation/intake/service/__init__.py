"""The use cases of a request, from first word to decision; no slot is known here.

Every function checks that the actor may see the request (`regulation.intake.rules.may_see`), audits every
touch of an identity, and writes one move. `version` is the `If-Match` of the reader; None skips the check.
Stopping and cancelling stand in `regulation.orientation.service`, as they must free what a request holds.
"""

from __future__ import annotations

from regulation.intake.service.calling import record_call_back, told_call_backs
from regulation.intake.service.correcting import correct, reseal_identities
from regulation.intake.service.counting import count_open
from regulation.intake.service.forgetting import forget_patient, patients_to_forget
from regulation.intake.service.needing import needs_since
from regulation.intake.service.opening import find_duplicates, open_request
from regulation.intake.service.persons import (
    identity_of,
    patient_standing,
    rectify_patient,
    requests_of_patient,
)
from regulation.intake.service.reading import (
    get_request,
    list_requests,
    read_confidential,
    read_identities,
    request_of_number,
    story,
    try_keys,
)
from regulation.intake.service.steps import check_mt, decide, estimate_delay, orient, resume

__all__ = [
    "check_mt",
    "correct",
    "count_open",
    "decide",
    "estimate_delay",
    "find_duplicates",
    "forget_patient",
    "get_request",
    "identity_of",
    "list_requests",
    "needs_since",
    "open_request",
    "orient",
    "patient_standing",
    "patients_to_forget",
    "read_confidential",
    "read_identities",
    "record_call_back",
    "rectify_patient",
    "request_of_number",
    "requests_of_patient",
    "reseal_identities",
    "resume",
    "story",
    "told_call_backs",
    "try_keys",
]
