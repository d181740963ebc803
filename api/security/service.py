"""What the door offers to routers, pages, commands and jobs: accounts, sessions, keys, delegations.

One public function per use case; each stands in the module of its noun. Never commits.
"""

from api.security.accounts import (
    create_account,
    find_account,
    get_account,
    list_accounts,
    set_active,
    set_password,
)
from api.security.delegations import grant_delegation, list_delegations, revoke_delegation
from api.security.errors import LoginTaken
from api.security.keys import actor_of_key, create_key, list_keys, revoke_key
from api.security.sessions import act_for, prune_sessions, resume, rotate, sign_in, sign_out

__all__ = [
    "LoginTaken",
    "act_for",
    "actor_of_key",
    "create_account",
    "create_key",
    "find_account",
    "get_account",
    "grant_delegation",
    "list_accounts",
    "list_delegations",
    "list_keys",
    "prune_sessions",
    "resume",
    "revoke_delegation",
    "revoke_key",
    "rotate",
    "set_active",
    "set_password",
    "sign_in",
    "sign_out",
]
