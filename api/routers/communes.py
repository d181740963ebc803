"""Communes and professions: what the whole country shares."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import SessionDep
from api.routers.params import DirectoryReader
from api.schemas.directory import CommuneOut, ProfessionOut
from api.schemas.forms import Insee, Line
from snp.directory import service as directory

router = APIRouter(tags=["directory"])


@router.get("/communes")
def search_communes(
    session: SessionDep,
    by: DirectoryReader,
    search: Annotated[Line, Query(description="Premières lettres d’un nom ou d’un code postal.")],
    territory_id: Annotated[UUID | None, Query(description="Ses communes viennent d’abord.")] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> list[CommuneOut]:
    """Find the communes that a few letters may mean; without a territory, those of the reader come first."""
    near = {territory_id} if territory_id else by.territories
    found = directory.search_communes(session, search, near_territory_ids=near, limit=limit)
    return [CommuneOut.of(commune) for commune in found]


@router.get("/communes/{insee}")
def get_commune(session: SessionDep, by: DirectoryReader, insee: Insee) -> CommuneOut:
    """Return the commune of an INSEE code."""
    del by
    return CommuneOut.of(directory.get_commune(session, insee))


@router.get("/professions")
def list_professions(session: SessionDep, by: DirectoryReader) -> list[ProfessionOut]:
    """Return the professions that may publish slots, by label."""
    del by
    return [ProfessionOut.of(profession) for profession in directory.list_professions(session)]
