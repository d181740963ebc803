"""What the door offers: accounts, sessions, keys, delegations, magic links.

One public function per use case; each stands in the module of its noun. Never commits.
"""

from api.security.accounts import (
    accounts_named,
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
from api.security.links import (
    actor_of_link,
    create_link,
    get_link,
    list_links,
    open_link,
    revoke_link,
    use_link,
)
from api.security.platform_sessions import (
    accept_terms,
    open_platform_session,
    resume_platform_session,
    visitor_of_platform,
)
from api.security.regulators import (
    create_regulator,
    get_regulator,
    replace_regulator,
)
from api.security.sessions import act_for, prune_sessions, resume, rotate, sign_in, sign_out

__all__ = [
    "LoginTaken",
    "accept_terms",
    "accounts_named",
    "act_for",
    "actor_of_key",
    "actor_of_link",
    "create_account",
    "create_key",
    "create_link",
    "create_regulator",
    "find_account",
    "get_account",
    "get_link",
    "get_regulator",
    "grant_delegation",
    "list_accounts",
    "list_delegations",
    "list_keys",
    "list_links",
    "open_link",
    "open_platform_session",
    "prune_sessions",
    "replace_regulator",
    "resume",
    "resume_platform_session",
    "revoke_delegation",
    "revoke_key",
    "revoke_link",
    "rotate",
    "set_active",
    "set_password",
    "sign_in",
    "sign_out",
    "use_link",
    "visitor_of_platform",
]
