"""What a sheet says as sealed bytes, bound to its row: it is health data. Knows no table and no session."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from regulation.series.facts import SheetContent
from snp.platform.crypto import Cipher


def sheet_context(sheet_id: UUID) -> str:
    """What a sheet is bound to."""
    return f"physio_sheet.content:{sheet_id}"


def seal_sheet(cipher: Cipher, sheet_id: UUID, content: SheetContent) -> bytes:
    """A sheet's texts as they are stored."""
    plain = {"texts": content.texts, "email": content.email}
    return cipher.seal(orjson.dumps(plain), context=sheet_context(sheet_id))


def open_sheet(cipher: Cipher, sheet_id: UUID, envelope: bytes) -> SheetContent:
    """A sheet's texts as they were written."""
    plain: dict[str, Any] = orjson.loads(cipher.open(envelope, context=sheet_context(sheet_id)))
    return SheetContent(dict(plain["texts"]), plain["email"])
