"""Who else may prove who signs in: OpenID Connect providers as the operator names them. Values only."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr

PSC_NAME: Final = "psc"
PSC_SCOPE: Final = "openid scope_all"
PSC_CLAIMS: Final = ("SubjectNameID", "preferred_username")
"""Claims that hold a professional's national identifier: `8` and his RPPS.

Source: ANS, documentation technique de Pro Santé Connect (données d'identification).
"""


class FoundBy(StrEnum):
    """What a provider's claim names: the login of an account, or a professional's national identifier."""

    LOGIN = "login"
    RPPS = "rpps"


class SignInProvider(BaseModel):
    """An OpenID Connect provider whose word opens a session.

    `claims` are tried in order; the first that holds a text names the account, as `found_by` says.
    `acr_values` are asked for, and one of them must come back. `is_second_factor`: the provider itself
    proves two factors, so that no code is asked here. `opens_practitioners`: a practitioner of the directory
    who has no account is given one at his first visit; never anybody else.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")
    label: str = Field(min_length=1, max_length=60)
    issuer: str = Field(pattern=r"^https?://")
    discovery: str | None = Field(default=None, pattern=r"^https?://")
    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    scope: str = "openid"
    claims: tuple[str, ...] = Field(default=("preferred_username",), min_length=1)
    found_by: FoundBy = FoundBy.LOGIN
    acr_values: tuple[str, ...] = ()
    is_second_factor: bool = False
    opens_practitioners: bool = False
