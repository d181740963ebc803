"""`snp fhir`: what a certification of the SAS needs of this service."""

from __future__ import annotations

import typer

from api.commands.opening import EXIT_REFUSED, fail, one_line_errors, opened_service
from api.commands.run import address
from api.fhir.certification_set import SET
from api.fhir.fixtures import load_fixtures
from api.fhir.negotiation import PREFIX
from snp.platform.settings import Environment, get_settings

fhir_app = typer.Typer(no_args_is_help=True, help="La porte FHIR de la plateforme SAS.")


@fhir_app.callback()
def fhir() -> None:
    """La porte FHIR de la plateforme SAS."""


@fhir_app.command("fixtures")
def fixtures() -> None:
    """Charger le jeu d’essai d’une homologation SAS et afficher ses identifiants en une ligne d’arguments.

    Deux CPTS et cinq praticiens inventés, toujours avec des créneaux libres dans les trois jours, de nuit et
    les jours fériés aussi. Recommencer ne fait qu’ajouter ce qui manque.
    """
    with one_line_errors():
        settings = get_settings()
        if settings.environment is Environment.PRODUCTION:
            fail("ce jeu d’essai est inventé : il ne se charge pas en production", EXIT_REFUSED)
        with opened_service(settings) as service:
            with service.transaction() as session:
                load_fixtures(session, now=service.clock.now())
            base = settings.fhir_base_url or f"{address(settings).rstrip('/')}{PREFIX}"
    typer.echo(SET.arguments(base))
