"""What the door offers: accounts, sessions, keys, delegations, magic links.

One public function per use case; each stands in the module of its noun. Never commits.
"""

from api.security.access_tokens import actor_of_token, issue_token, prune_tokens
from api.security.accounts import (
    accounts_named,
    change_own_password,
    create_account,
    find_account,
    get_account,
    has_password,
    list_accounts,
    set_active,
    set_password,
)
from api.security.delegated import end_by_provider, prune_logouts, sign_in_by_provider
from api.security.delegations import grant_delegation, list_delegations, revoke_delegation
from api.security.devices import end_device, end_other_devices, list_devices
from api.security.errors import LoginTaken
from api.security.keys import actor_of_key, create_key, list_keys, revoke_key, rotate_key, set_networks
from api.security.linking import attach_identity, detach_identity, list_identities
from api.security.links import (
    actor_of_link,
    create_link,
    get_link,
    list_links,
    open_link,
    revoke_link,
    use_link,
)
from api.security.owner import prove_owner
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
from api.security.second_factor import enrol as enrol_factor
from api.security.second_factor import find_factor, new_secret, renew_codes, reseal_factors
from api.security.second_factor import prove_again as prove_factor
from api.security.second_factor import remove_own as remove_factor
from api.security.second_factor import reset as reset_factor
from api.security.sessions import (
    act_for,
    enrol_and_sign_in,
    prune_sessions,
    resume,
    rotate,
    sign_in,
    sign_in_with_code,
    sign_out,
)
from api.security.try_rows import prune as prune_tries

__all__ = [
    "LoginTaken",
    "accept_terms",
    "accounts_named",
    "act_for",
    "actor_of_key",
    "actor_of_link",
    "actor_of_token",
    "attach_identity",
    "change_own_password",
    "create_account",
    "create_key",
    "create_link",
    "create_regulator",
    "detach_identity",
    "end_by_provider",
    "end_device",
    "end_other_devices",
    "enrol_and_sign_in",
    "enrol_factor",
    "find_account",
    "find_factor",
    "get_account",
    "get_link",
    "get_regulator",
    "grant_delegation",
    "has_password",
    "issue_token",
    "list_accounts",
    "list_delegations",
    "list_devices",
    "list_identities",
    "list_keys",
    "list_links",
    "new_secret",
    "open_link",
    "open_platform_session",
    "prove_factor",
    "prove_owner",
    "prune_logouts",
    "prune_sessions",
    "prune_tokens",
    "prune_tries",
    "remove_factor",
    "renew_codes",
    "replace_regulator",
    "reseal_factors",
    "reset_factor",
    "resume",
    "resume_platform_session",
    "revoke_delegation",
    "revoke_key",
    "revoke_link",
    "rotate",
    "rotate_key",
    "set_active",
    "set_networks",
    "set_password",
    "sign_in",
    "sign_in_by_provider",
    "sign_in_with_code",
    "sign_out",
    "use_link",
    "visitor_of_platform",
]
