"""`snp identity`: bring sealed identities under the current key after a rotation."""

from __future__ import annotations

import typer

from api.commands.opening import one_line_errors, opened_service
from api.security import service as security
from regulation.intake import service as intake
from regulation.medecin_traitant.register import service as register
from regulation.messages import service as messages
from regulation.series import service as series
from slots.feeds import service as feeds
from snp.platform.actors import system
from snp.platform.events import Event
from snp.platform.logs import log

identity_app = typer.Typer(no_args_is_help=True)
_BATCH = 500
RESEALS = (
    intake.reseal_identities,
    register.reseal_register,
    series.reseal_sheets,
    feeds.reseal_addresses,
    security.reseal_factors,
    messages.reseal_choices,
)
"""Who keeps something sealed for long. A package that begins to adds its line here."""


@identity_app.callback()
def about() -> None:
    """Ce qui est gardé chiffré : identités, fiches, adresses d’agendas."""


@identity_app.command("rotate")
def rotate() -> None:
    """Rechiffrer ce qui est scellé avec la clé courante (la première de SNP_IDENTITY_KEYS).

    Se fait service ouvert, par lots ; interrompue, elle se reprend sans rien perdre.
    """
    by = system("rotate-identities")
    with one_line_errors(), opened_service() as service:
        batches = 0
        for reseal in RESEALS:
            after = None
            while True:
                with service.transaction() as session:
                    after = reseal(
                        session, after=after, limit=_BATCH, keys=service.keys, by=by, now=service.clock.now()
                    )
                batches += 1
                if after is None:
                    break
        log(Event.IDENTITIES_RESEALED, count=batches)
        typer.echo(f"Identités rechiffrées ({batches} lots de {_BATCH} au plus).")
