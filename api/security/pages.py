"""Which action each page asks for, by the name of its function; one in no list opens to nobody.

`PAGES` are for who is signed in: every visit is judged by its action before anything else, and the gates of a
part of the site (`SITES`) let in its own roles only. `OPEN` and `SECRETS` need no session: what they show is
public, or what a code, a link or a proof of the platform opens. Names are those of modules under `api.web`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from api.security.rights import RIGHTS, Action, reach_of
from snp.errors import Forbidden
from snp.platform.actors import ATTENDED_ROLES, DESK_ROLES, REGULATION_ROLES, Actor, Role

A = Action
_ROOT: Final = "api.web."


def _named(listed: Mapping[str, Mapping[Action, str]]) -> dict[str, Action]:
    """Spell out `module: {action: functions}`; a function listed twice would be a fault of this file."""
    found: dict[str, Action] = {}
    for module, actions in listed.items():
        for action, functions in actions.items():
            for function in functions.split():
                name = f"{module}.{function}"
                assert name not in found, name
                found[name] = action
    return found


PAGES: Final[Mapping[str, Action]] = _named(
    {
        "home": {A.SELF: "home"},
        "account.page": {A.SELF: "show change_password"},
        "account.factor": {A.SELF: "show enrol renew remove"},
        "account.linking": {A.SELF: "show go_out ask_detach detach"},
        "account.devices": {A.SELF: "show end_others end_one"},
        "live": {A.LIVE_READ: "listen"},
        "desk": {A.REQUEST_PROPOSE: "desk_home signs_of_reason assess need_a_doctor"},
        "desk_history": {A.APPOINTMENT_READ: "booked sheet", A.REQUEST_READ: "traces"},
        "desk_patient": {A.REQUEST_PROPOSE: "second_page request_slot"},
        "dossier": {
            A.REQUEST_READ: "show",
            A.REQUEST_PROPOSE: "proposals resume",
            A.HOLD: "hold let_go",
            A.CONFIRM: "confirm",
            A.REQUEST_CANCEL: "give_up",
        },
        "ticket": {A.APPOINTMENT_READ: "show", A.APPOINTMENT_CANCEL: "cancel"},
        "mt_list.listing": {A.MT_READ: "show", A.MT_ADD: "new add add_from_request"},
        "mt_list.entry": {
            A.MT_READ: "back",
            A.MT_PERSON_READ: "show",
            A.MT_FOLLOW: "record_call correct contact reconfirm close",
        },
        "mt_list.practice": {A.MT_PLACES: "declare close back", A.MT_PICK: "show accept follow"},
        "console.queue": {A.REQUEST_READ: "show rows"},
        "console.calls": {A.REQUEST_OPEN: "new_call communes take_call"},
        "console.call_backs": {A.REQUEST_READ: "show", A.REQUEST_CORRECT: "tell"},
        "console.dossier": {A.REQUEST_READ: "show proposals state"},
        "console.booking": {
            A.HOLD: "hold let_go",
            A.CONFIRM: "confirm",
            A.APPOINTMENT_CANCEL: "cancel",
            A.APPOINTMENT_OUTCOME: "honour no_show",
        },
        "console.steps": {
            A.REQUEST_CHECK_MT: "answer_mt",
            A.REQUEST_ESTIMATE: "estimate",
            A.REQUEST_DECIDE: "decide",
            A.REQUEST_STOP: "stop",
            A.REQUEST_CANCEL: "give_up",
        },
        "console.emergency": {A.EMERGENCY_OPEN: "ask open_dossier show"},
        "coordination.board": {A.TERRITORY_WRITE: "show part"},
        "coordination.coverage": {A.COVERAGE_READ: "show refresh", A.TERRITORY_WRITE: "change"},
        "coordination.slot_calls": {A.SLOT_CALL: "preview open_call list_calls show cancel"},
        "coordination.people": {A.MEMBERSHIP_WRITE: "show join leave"},
        "coordination.links": {A.LINK_ADMIN: "show create revoke"},
        "coordination.desks": {
            A.ORGANISATION_WRITE: "show create_desk",
            A.ACCOUNT_ADMIN: "create_account renew_password close_account open_account reset_factor",
            A.KEY_ADMIN: "create_key revoke_key rotate_key set_networks",
        },
        "coordination.sharing": {A.SHARING_READ: "show", A.SHARING_WRITE: "offer accept decline end"},
        "coordination.messages": {A.OUTBOX_READ: "show", A.OUTBOX_REPLAY: "replay"},
        "coordination.compensation_terms": {
            A.COMPENSATION_READ: "show",
            A.COMPENSATION_WRITE: "add set_year",
        },
        "coordination.compensation": {
            A.COMPENSATION_READ: "show show_month proofs show_line",
            A.COMPENSATION_WRITE: "close_month",
        },
        "coordination.settings": {A.TERRITORY_WRITE: "show change"},
        "coordination.mt_list": {A.MT_FIGURES: "show", A.MT_SETTINGS: "change"},
        "coordination.physios": {
            A.TERRITORY_WRITE: "show set_direct_access",
            A.RELAY_WRITE: "declare end",
            A.PHYSIO_TEMPLATE_READ: "template",
            A.PHYSIO_TEMPLATE_WRITE: "change_template",
        },
        "coordination.indicator_edit": {
            A.INDICATOR_READ: "to_the_indicator",
            A.INDICATOR_WRITE: "show_new create show_edit change retire restore",
        },
        "coordination.indicator_report": {A.INDICATOR_READ: "download"},
        "coordination.indicators": {A.INDICATOR_READ: "show show_one"},
        "first_steps.territory": {
            A.TERRITORY_WRITE: (
                "overview ask_territory create_territory communes add_commune remove_commune hours"
            )
        },
        "first_steps.people": {A.PRACTITIONER_CREATE: "show sample check write"},
        "agenda.week": {A.AGENDA_READ: "show"},
        "agenda.publishing": {A.AGENDA_WRITE: "publish ask_range publish_range"},
        "agenda.patterns": {A.AGENDA_WRITE: "show publish"},
        "agenda.pattern_edit": {A.AGENDA_WRITE: "show_one edit"},
        "agenda.absences": {A.AGENDA_WRITE: "show add lift"},
        "agenda.copying": {A.AGENDA_WRITE: "show publish"},
        "agenda.slot": {
            A.AGENDA_READ: "show",
            A.AGENDA_WRITE: "withdraw offer_to",
            A.APPOINTMENT_OUTCOME: "honoured no_show",
            A.APPOINTMENT_CANCEL: "cancel",
        },
        "agenda.figures": {A.AGENDA_READ: "show"},
        "agenda.acts": {A.STATEMENT_READ: "show proofs", A.ACT_MARK: "mark"},
        "agenda.statements": {
            A.STATEMENT_READ: "show declare withdraw show_line show_statement statement_pdf statement_csv"
        },
        "agenda.access": {
            A.DELEGATION_READ: "show",
            A.DELEGATION_WRITE: "grant revoke",
            A.PREFERENCES_WRITE: "set_lending",
            A.SELF: "choose act_for",
        },
        "agenda.calendars": {A.AGENDA_WRITE: "show renew close names add forget"},
        "rota.settings": {A.ROTA_WRITE: "create new show change change_week put_member remove_member"},
        "rota.board": {
            A.ROTA_READ: "index show table why plan_page",
            A.ROTA_WRITE: "ask repair decide answer_volunteer",
        },
        "rota.mine": {A.ROTA_TAKE_PART: "show one propose reply volunteer withdraw wishes"},
        "series.lists": {A.SERIES_READ: "show relay_slots", A.SERIES_WRITE: "take"},
        "series.habits": {
            A.SERIES_READ: "show",
            A.SERIES_WRITE: "set_terms",
            A.RELAY_WRITE: "declare end",
            A.PHYSIO_TEMPLATE_READ: "template",
            A.PHYSIO_TEMPLATE_WRITE: "change_template",
        },
        "series.sheet": {A.SHEET_READ: "read pdf", A.SHEET_WRITE: "write_page write"},
        "series.sessions": {
            A.SERIES_READ: "other_slots",
            A.SERIES_WRITE: "add cancel_rest move cancel_one close_session",
        },
        "series.going_on": {A.SERIES_READ: "what_next", A.SERIES_WRITE: "offer answer_offer end"},
        "series.one": {A.SERIES_READ: "show"},
        "protection.journal": {A.AUDIT_READ: "show"},
        "protection.emergencies": {A.EMERGENCY_READ: "show"},
        "protection.asked": {A.PERSON_READ: "show", A.PERSON_WRITE: "answered"},
        "protection.person": {A.PERSON_READ: "ask show download", A.PERSON_WRITE: "rectify forget"},
    }
)
"""The action of each page for who is signed in."""

SECRETS: Final[Mapping[str, Action]] = _named(
    {
        "agenda.link": {A.AGENDA_WRITE: "show answer"},
        "agenda.feed": {A.AGENDA_READ: "read"},
        "sas.sign_in": {A.SAS_BOOK: "go_out come_back terms accept sign_out"},
        "sas.agenda": {A.SAS_BOOK: "show book"},
        "sas.ends": {A.SAS_BOOK: "ticket outcome"},
    }
)
"""What a link's secret or a session of the platform opens, and what for; no ordinary session does."""

OPEN: Final = frozenset(
    {
        "sign_in.ask",
        "sign_in.sign_in",
        "sign_in.sign_out",
        "second_step.back",
        "second_step.verify",
        "second_step.enrol",
        "delegated.go_out",
        "delegated.come_back",
        "delegated.end_sessions",
        "routes.static_file",
        "mt_list.public.back",
        "console.calls.to_the_call",
        "console.steps.to_the_dossier",
        *(
            f"ways_back.to_the_{place}"
            for place in (
                "desk",
                "draft",
                "dossier",
                "ticket",
                "code",
                "week",
                "slot",
                "page",
                "calendars",
                "habits_of_a_physio",
                "series",
                "physios",
                "home_page",
            )
        ),
    }
)
"""The sign-in form, files that pages load, and addresses that only lead to a page, which judges itself."""

OPEN_PATHS: Final[Mapping[str, str]] = {
    "/healthz": "la base répond et son schéma est connu ; aucune donnée",
    "/readyz": "on peut envoyer du travail ici ; aucune donnée",
    "/metrics": "cette machine seule, ou le jeton de SNP_METRICS_TOKEN ; des chiffres",
    "/docs": "documentation de l’API",
    "/docs/oauth2-redirect": "documentation de l’API",
    "/redoc": "documentation de l’API",
    "/static-offline-docs": "fichiers de la documentation",
    "/api/openapi.json": "document OpenAPI",
    "/openapi.json": "document OpenAPI",
    "/api/v1/openapi.json": "document OpenAPI",
    "/oauth/token": "une clé valide contre un jeton court (RFC 6749, 4.4)",
    "/.well-known/oauth-authorization-server": "où demander un jeton (RFC 8414)",
    "/problems": "ce que chaque refus veut dire",
    "/problems/{slug}": "ce que chaque refus veut dire",
    "/static": "fichiers des pages",
}
"""Routes outside pages and APIs, and what they tell to anybody."""

_AGENDA: Final = frozenset({Role.PRACTITIONER, Role.DELEGATE})
_OWNER: Final = frozenset({Role.PRACTITIONER})
_COORDINATION: Final = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})
SITES: Final[Mapping[str, frozenset[Role]]] = {
    "/comptoir/medecin-traitant": DESK_ROLES,
    "/comptoir": DESK_ROLES | _AGENDA,
    "/regulation": REGULATION_ROLES,
    "/coordination": _COORDINATION,
    "/premiers-pas": _COORDINATION,
    "/agenda/chiffres": _OWNER,
    "/agenda/releves": _OWNER,
    "/agenda/acces": _OWNER,
    "/agenda/choisir": frozenset({Role.DELEGATE}),
    "/agenda": _AGENDA,
    "/series": _AGENDA,
    "/protection": frozenset({Role.DPO}),
    "/": frozenset(ATTENDED_ROLES),
}
"""Whose pages stand under an address; the first beginning that fits holds."""


def page_name(endpoint: Callable[..., Any]) -> str | None:
    """Return the name of a page's function; None for a function that is no page."""
    full = f"{endpoint.__module__}.{endpoint.__name__}"
    return full.removeprefix(_ROOT) if full.startswith(_ROOT) else None


def roles_of_page(name: str, path: str) -> frozenset[Role]:
    """Return who gets past the door of a page for the signed-in, by its action and the part of the site."""
    site = next(roles for begin, roles in SITES.items() if path.startswith(begin))
    return site & frozenset(RIGHTS[PAGES[name]])


def check_page(actor: Actor, endpoint: Callable[..., Any] | None) -> None:
    """Refuse a visit that has no right to a page, and every visit of a page without a line above.

    What is no page judges itself. Raises `Forbidden`.
    """
    name = page_name(endpoint) if endpoint is not None else None
    if name is None or name in OPEN or name in SECRETS:
        return
    if name not in PAGES:
        raise Forbidden(f"{name} is open to nobody: it has no line in the table of pages")
    reach_of(actor, PAGES[name])
