"""The parameters that several routes share: page size and cursor, and who may do what, by name."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Query

from api.deps import Allow
from api.schemas.forms import Cursor, Line
from api.security.rights import Action
from snp.directory.paging import DEFAULT_LIMIT, MAX_LIMIT
from snp.platform.actors import Actor

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Taille de la page.")]
After = Annotated[Cursor | None, Query(alias="cursor", description="Le `next` de la page précédente.")]
Text = Annotated[Line | None, Query(alias="search", description="Premières lettres d’un nom.")]
Why = Annotated[Line, Query(description="Pourquoi l’identité est lue ; gardé dans l’audit.")]
DEFAULT: Final = DEFAULT_LIMIT

DirectoryReader = Annotated[Actor, Depends(Allow(Action.DIRECTORY_READ))]
AgendaReader = Annotated[Actor, Depends(Allow(Action.AGENDA_READ))]
AgendaWriter = Annotated[Actor, Depends(Allow(Action.AGENDA_WRITE))]
RequestReader = Annotated[Actor, Depends(Allow(Action.REQUEST_READ))]
PatientReader = Annotated[Actor, Depends(Allow(Action.PATIENT_READ))]
AppointmentReader = Annotated[Actor, Depends(Allow(Action.APPOINTMENT_READ))]
