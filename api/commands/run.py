"""`snp run`: the whole service, in one process or several: database, API, pages, jobs; Ctrl-C ends it."""

from __future__ import annotations

import errno
import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Annotated, Final, NoReturn

import typer
import uvicorn
from opentelemetry.trace import TracerProvider

from api.commands.opening import fail, one_line_errors, opened_service
from api.commands.workers import serve_by_workers
from api.forwarded import ForwardedLast
from api.heads import BoundedHeads
from api.hosts import check_public_url
from api.main import create_app
from api.wiring import Wiring
from snp.days import at_local, say_instant
from snp.directory.reference import load_reference
from snp.platform.logs import configure_logs
from snp.platform.settings import Environment, Settings, get_settings

GRACE_SECONDS: Final = 5
BACKLOG: Final = 2048
KEPT_ALIVE_SECONDS: Final = 75
"""Longer than nginx keeps a connection to us (60 s): who closes first must be the one who sends requests."""

SWITCH_SECONDS: Final = 0.001
"""How long a thread keeps the interpreter while others wait: an answer waits that long at each step."""

GARBAGE_THRESHOLDS: Final = (20_000, 20, 20)
"""Few objects of a request form cycles: to look for them every 700 new ones takes a tenth of a booking."""
_SHIFTED: Final = timedelta(minutes=1)


def run(  # noqa: PLR0917 - each is an option of the command line
    host: Annotated[str | None, typer.Option(help="Adresse d’écoute.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port ; 0 : un port libre.")] = None,
    unix_socket: Annotated[
        Path | None, typer.Option(help="Socket Unix à la place d’une adresse, pour un proxy.")
    ] = None,
    demo: Annotated[
        bool | None,
        typer.Option("--demo/--no-demo", help="Le territoire inventé. Par défaut : en développement."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help="L’heure que montre la démonstration : « now » (l’heure réelle) ou 2026-11-23T10:00. "
            "Par défaut, la nuit et les jours fermés : le prochain matin de soins.",
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=16, help="Processus qui répondent ensemble ; un seul mène les tâches.")
    ] = 1,
) -> None:
    """Démarrer le service : base de données, API, pages, tâches de fond. Ctrl-C arrête tout."""
    with one_line_errors(), interruptible():
        settings = get_settings()
        changes = {"host": host, "port": port, "unix_socket": unix_socket}
        settings = settings.model_copy(update={k: v for k, v in changes.items() if v is not None})
        check_public_url(settings)
        with _listening(settings) as listener:
            shows_demo = _wants_demo(settings) if demo is None else demo
            if settings.unix_socket is None:
                settings = settings.model_copy(update={"port": listener.getsockname()[1]})
            settings = settings.model_copy(update={"demo": shows_demo})
            with opened_service(settings, own=True) as service:
                _prepare(service, at=_instant(at))
                configure_logs(settings)
                if workers == 1:
                    serve(service, listener)
                else:
                    listener.listen(BACKLOG)
                    serve_by_workers(service, listener, workers, grace_seconds=GRACE_SECONDS + 2)


def address(settings: Settings) -> str:
    """Return the address that users type; behind a proxy without one, the socket it reads."""
    if settings.unix_socket is not None:
        return settings.public_url or f"unix:{settings.unix_socket}"
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - shown, not bound
    return settings.public_url or f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _wants_demo(settings: Settings) -> bool:
    """Whoever starts the service to look at it gets something to see; a server of one's own stays as is."""
    is_trial = settings.environment is Environment.DEVELOPMENT and settings.database_url is None
    return settings.demo or is_trial


def _instant(at: str | None) -> datetime | None:
    """Read the instant that the demonstration shall show; without offset it is local. None: a living one."""
    if at is None:
        return None
    if at == "now":
        return datetime.now(UTC)
    try:
        parsed = datetime.fromisoformat(at)
    except ValueError:
        fail(f"--at : « {at} » n’est pas une date et une heure (exemple : 2026-11-23T10:00)")
    return parsed if parsed.tzinfo else at_local(parsed.date(), parsed.time())


def _prepare(service: Wiring, *, at: datetime | None) -> None:
    """Bring the reference data, and the demonstration where it is wanted; print where everything is."""
    with service.transaction() as session:
        load_reference(session)
    if service.settings.demo:
        from api.demo.result import wide_console  # noqa: PLC0415 - a real service never loads it
        from api.demo.running import ensure_demo, set_demo_clock, show_demo  # noqa: PLC0415 - same

        console = wide_console()

        shown = set_demo_clock(service, at)
        if abs(shown - datetime.now(UTC)) > _SHIFTED:
            console.print(
                f"L’horloge de la démonstration montre {say_instant(shown)} (heure réelle : --at now)."
            )
        console.print("Préparation de la démonstration…")
        ensure_demo(service)
        show_demo(service, console, address(service.settings))
    where = address(service.settings)
    typer.echo(f"\n  Pages           {where}/")
    typer.echo(f"  API             {where}/api/v1")
    typer.echo(f"  Documentation   {where}/docs")
    typer.echo(f"  État            {where}/healthz")
    typer.echo("  Arrêter         Ctrl-C\n")


def serve(service: Wiring, listener: socket.socket, *, backlog: int = BACKLOG) -> None:
    """Answer on a bound socket until told to stop; `backlog`: how many connections are taken in one go."""
    from api.observing.tracing import start_tracing, stop_tracing  # noqa: PLC0415 - slow, and rarely wanted

    provider = start_tracing(service.settings)
    try:
        _serve_traced(service, listener, provider, backlog)
    finally:
        stop_tracing(provider)


def _serve_traced(
    service: Wiring, listener: socket.socket, provider: TracerProvider | None, backlog: int
) -> None:
    app = create_app(
        service.settings,
        engine=service.engine,
        keys=service.keys,
        clock=service.clock,
        jobs=True,
        tracer_provider=provider,
    )

    def close() -> None:
        app.state.stopping = True
        app.state.live.close()

    gc.set_threshold(*GARBAGE_THRESHOLDS)
    sys.setswitchinterval(SWITCH_SECONDS)
    by_socket = service.settings.unix_socket is not None
    config = uvicorn.Config(
        # Who reaches the socket is the proxy: there is no address to compare.
        ForwardedLast(app) if by_socket else app,
        http=BoundedHeads,
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEPT_ALIVE_SECONDS,
        backlog=backlog,
        proxy_headers=service.settings.public_url is not None and not by_socket,
    )
    _Server(config, closing=close).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Ends the open streams as soon as it is told to stop: it would otherwise wait for them in vain."""

    def __init__(self, config: uvicorn.Config, *, closing: Callable[[], None]) -> None:
        super().__init__(config)
        self._closing = closing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer; however few are taken in one go, many may wait to be taken."""
        await super().startup(sockets=sockets)
        for listener in sockets or ():
            listener.listen(BACKLOG)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Close the streams, then stop as usual."""
        self._closing()
        super().handle_exit(sig, frame)


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """Take the port before anything else is started: a port in use is told at once."""
    if settings.unix_socket is not None:
        with _listening_on(settings.unix_socket) as listener:
            yield listener
        return
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            _cannot_listen(settings, error)
        yield listener
    finally:
        listener.close()


@contextmanager
def _listening_on(path: Path) -> Iterator[socket.socket]:
    """Take a socket that owner and group may write to; one that a dead process left behind is replaced."""
    listener = socket.socket(socket.AF_UNIX)
    try:
        if path.is_socket() and _is_dead(path):
            path.unlink()
        try:
            listener.bind(str(path))
            path.chmod(0o660)
        except OSError as error:
            fail(f"impossible d’écouter sur {path} : {error.strerror or error}")
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)
    finally:
        listener.close()


def _is_dead(path: Path) -> bool:
    """Tell whether nobody listens on a socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == errno.ECONNREFUSED


def _cannot_listen(settings: Settings, error: OSError) -> NoReturn:
    where = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        fail(f"le port {where} est déjà pris : arrêtez l’autre service, ou choisissez --port")
    if error.errno == errno.EACCES:
        fail(f"le port {where} demande plus de droits : choisissez --port au-dessus de 1023")
    fail(f"impossible d’écouter sur {where} : {error.strerror or error}")


@contextmanager
def interruptible() -> Iterator[None]:
    """Make a polite end (SIGTERM) end like Ctrl-C, so that the database is always closed in order.

    Both are set: a service started in the background of a script inherits Ctrl-C as ignored.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("Arrêté.", err=True)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
