"""The directory's use cases, by noun; other packages import them from here. Never commits."""

from snp.directory.service.communes import (
    communes_of,
    get_commune,
    get_communes,
    search_communes,
)
from snp.directory.service.members import end_membership, join_territory, list_memberships
from snp.directory.service.organisations import (
    create_organisation,
    get_organisation,
    list_organisations,
    territories_of_organisation,
    update_organisation,
)
from snp.directory.service.practitioners import (
    create_practitioner,
    find_practitioner,
    get_practitioner,
    list_practitioners,
    set_preferences,
    update_practitioner,
)
from snp.directory.service.professions import get_profession, list_professions
from snp.directory.service.sites import create_site, get_site, list_sites, update_site
from snp.directory.service.territories import (
    create_territory,
    get_territory,
    get_territory_by_slug,
    list_territories,
    territories_covering,
    territory_history,
    territory_settings,
    update_territory,
)

__all__ = [
    "communes_of",
    "create_organisation",
    "create_practitioner",
    "create_site",
    "create_territory",
    "end_membership",
    "find_practitioner",
    "get_commune",
    "get_communes",
    "get_organisation",
    "get_practitioner",
    "get_profession",
    "get_site",
    "get_territory",
    "get_territory_by_slug",
    "join_territory",
    "list_memberships",
    "list_organisations",
    "list_practitioners",
    "list_professions",
    "list_sites",
    "list_territories",
    "search_communes",
    "set_preferences",
    "territories_covering",
    "territories_of_organisation",
    "territory_history",
    "territory_settings",
    "update_organisation",
    "update_practitioner",
    "update_site",
    "update_territory",
]
