"""The words of an agenda: states of a slot, what happens to it, what a practitioner publishes."""

from __future__ import annotations

from enum import StrEnum


class SlotState(StrEnum):
    """`open` slots are live (free, held or taken); the others cannot be booked.

    `hidden`: under an absence, may come back; `withdrawn`: taken back by its owner; `released`: given back by
    the release rule at start − X because nobody took it.
    """

    OPEN = "open"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"


class SlotEventKind(StrEnum):
    """What may happen to a slot; each is a row."""

    PUBLISHED = "published"
    CHANGED = "changed"
    HIDDEN = "hidden"
    RESTORED = "restored"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"


class ExceptionKind(StrEnum):
    """How one occurrence of a pattern departs from it."""

    CANCELLED = "cancelled"
    MOVED = "moved"
