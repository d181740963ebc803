"""What the outbox refuses to people who look after it."""

from __future__ import annotations

from snp.errors import Conflict


class NotReplayable(Conflict):
    """Only what was given up, dropped or not sent can be sent again."""

    slug = "message-not-replayable"
    fr = "Ce message ne peut pas être renvoyé : il est déjà parti ou va partir."


class NotDroppable(Conflict):
    """Only what is still to be sent, or was given up, can be dropped."""

    slug = "message-not-droppable"
    fr = "Ce message ne peut pas être abandonné : il est déjà réglé."
