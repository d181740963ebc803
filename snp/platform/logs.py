"""Says events of the closed list, to a terminal or as JSON lines.

A field that could carry a person is refused before it is written: loudly in development, by leaving it out in
production. What may be said is in `snp.platform.events`.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from snp.platform.events import Event, is_speakable
from snp.platform.settings import Environment, LogFormat, Settings

_HOUSEKEEPING: Final = frozenset({"event", "level", "timestamp", "exception", "exc_info", "logger"})
_KNOWN_EVENTS: Final = frozenset(event.value for event in Event)


class UnspeakableField(ValueError):
    """A log call tried to say something that could carry a person."""


def log(
    event: Event, /, *, level: int = logging.INFO, error: BaseException | None = None, **fields: Any
) -> None:
    """Say that something happened. `error` is told by its class only: messages quote values."""
    if error is not None:
        fields["error"] = type(error).__name__
    _SPEAKER.bound().log(level, event.value, **fields)


class _Speaker:
    """The logger, bound once for each configuration: to bind it costs as much as to speak."""

    def __init__(self) -> None:
        self._made_for: object = None
        self._bound: Any = None

    def bound(self) -> Any:
        """Return it."""
        processors = structlog.get_config()["processors"]
        if self._made_for is not processors:
            self._bound, self._made_for = structlog.get_logger("snp").bind(), processors
        return self._bound


_SPEAKER: Final = _Speaker()


def configure_logs(settings: Settings) -> None:
    """Set up structlog, and route the libraries' own warnings through the same output."""
    strict = settings.environment is not Environment.PRODUCTION
    as_json = settings.log_format is LogFormat.JSON or (
        settings.log_format is LogFormat.AUTO and not sys.stderr.isatty()
    )
    stamps: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            refuse_people if strict else leave_people_out,
            *stamps,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_as_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = _ErrorStream()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=stamps,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _plain_values, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("snp").setLevel(settings.log_level)
    logging.getLogger("uvicorn.access").disabled = True  # its lines quote query strings


class _ErrorStream(logging.Handler):
    """Writes to whatever the error stream is at the time: it may be replaced after the logs were set up."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001 - what logging itself does: a lost line must not break the work
            self.handleError(record)


def refuse_people(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    """Raise `UnspeakableField` for an unknown event or a field that could carry a person."""
    if entry.get("event") not in _KNOWN_EVENTS:
        raise UnspeakableField(f"{entry.get('event')!r} is not in the list of events")
    for name in _unspeakable(entry):
        raise UnspeakableField(f"the field {name!r} of {entry['event']} may carry a person")
    return entry


def leave_people_out(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    """Drop what `refuse_people` would raise for, and say how many fields were dropped."""
    dropped = _unspeakable(entry)
    for name in dropped:
        del entry[name]
    if dropped:
        entry["dropped_count"] = len(dropped)
    if entry.get("event") not in _KNOWN_EVENTS:
        entry["event"] = "unknown.event"
    return entry


def _unspeakable(entry: EventDict) -> list[str]:
    return [
        name for name, value in entry.items() if name not in _HOUSEKEEPING and not is_speakable(name, value)
    ]


def _as_json(entry: EventDict, **_: Any) -> str:
    return orjson.dumps(entry, default=str).decode()


def _plain_values(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in entry.items()}
