"""A creating request that is repeated gets the answer of the first time: `Idempotency-Key`.

Source: IETF draft-ietf-httpapi-idempotency-key-header-07.
"""

from api.idempotency.once import Answer, Once, OnceDep

__all__ = ["Answer", "Once", "OnceDep"]
