"""A creating request that is repeated gets the answer of the first time: `Idempotency-Key`.

Source: IETF draft-ietf-httpapi-idempotency-key-header-07.
"""

from api.idempotency.once import KEY_HEADER, Answer, Once, OnceDep, get_once, once_for

__all__ = ["KEY_HEADER", "Answer", "Once", "OnceDep", "get_once", "once_for"]
