"""The figures of a territory: all of them for a period, or one by itself, finer and cut as one likes."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from api.deps import NowDep, ReadingDep
from api.security import service as security
from api.security.rights import Action, reach_of
from api.web import wording as web_wording
from api.web.coordination import indicator_views as views
from api.web.coordination.history import author_name
from api.web.coordination.visits import Post, PostDep
from api.web.desk_views import Option
from api.web.rendering import render
from api.web.staleness import data_told
from regulation.indicators import service as indicators
from regulation.indicators import wording
from regulation.indicators.facts import Asked, Period
from regulation.indicators.periods import before, grains_of, period_of, year_before
from snp.days import local_day
from snp.directory import service as directory

router = APIRouter(prefix="/coordination/indicateurs", include_in_schema=False)

Typed = Annotated[str, Query(max_length=20)]
YEARS: Final = 6
"""For how many years back a report is offered."""


@router.get("")
def show(
    *,
    post: PostDep,
    session: ReadingDep,
    now: NowDep,
    periode: Typed = "",
    jour: Typed = "",
    comparer: Typed = "",
    repartir: Typed = "",
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> HTMLResponse:
    """Show every indicator over a period, beside the one before, a year before, and another one."""
    reach_of(post.actor, Action.INDICATOR_READ)
    today = local_day(now, post.territory.settings.snp_hours.zone)
    period = views.read_period(periode, jour, today)
    asked = Asked(period, _beside(period, comparer), views.OF_PAGE[period.unit], views.read_cut(repartir))
    found = indicators.list_indicators(session, post.territory.id)
    figures = indicators.measure(session, post.territory, found, asked, now=now)
    sections = views.sections(figures, profession_labels(session))
    cards = tuple(card for section in sections for card in section.cards)
    return render(
        "coordination/indicators.html",
        visit=post.visit,
        info=info,
        post=post,
        data_told=data_told(session),
        sections=sections,
        masks=wording.ABOUT_MASKS if views.masked_somewhere(cards) else "",
        retired=[
            one for one in indicators.list_indicators(session, post.territory.id, retired=True) if one.retired
        ],
        years=[Option(str(year), str(year)) for year in range(today.year, today.year - YEARS, -1)],
        typed={"periode": period.unit.value, "jour": jour or today.isoformat(), "comparer": comparer}
        | {"repartir": repartir, "annee": str(today.year)},
        cuts=[
            Option("", "Comme défini"),
            Option("profession", "Par profession"),
            Option("origin", "Par origine"),
        ],
        **views.choices(period, today),
    )


@router.get("/{code}")
def show_one(
    *,
    code: str,
    post: PostDep,
    session: ReadingDep,
    now: NowDep,
    periode: Typed = "",
    jour: Typed = "",
    comparer: Typed = "",
    pas: Typed = "",
    repartir: Typed = "",
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> HTMLResponse:
    """Show one indicator: its definition, its chart with the table, its cut, its history."""
    reach_of(post.actor, Action.INDICATOR_READ)
    indicator = indicators.get_indicator(session, post.territory.id, code)
    today = local_day(now, post.territory.settings.snp_hours.zone)
    period = views.read_period(periode, jour, today)
    grains = grains_of(period.unit)
    grain = next((one for one in grains if one.value == pas), grains[0] if grains else None)
    asked = Asked(period, _beside(period, comparer), grain, views.read_cut(repartir))
    (figure,) = indicators.measure(session, post.territory, [indicator], asked, now=now)
    card = views.card(figure, profession_labels(session))
    return render(
        "coordination/indicator.html",
        visit=post.visit,
        info=info,
        post=post,
        data_told=data_told(session),
        one=card,
        indicator=indicator,
        masks=wording.ABOUT_MASKS if views.masked_somewhere((card,)) else "",
        edits=_edits(session, post, code),
        cuts=views.cuts(indicator.definition.query.population),
        typed={"periode": period.unit.value, "jour": jour or today.isoformat(), "comparer": comparer}
        | {"repartir": figure.split.value if figure.split else "", "pas": grain.value if grain else ""},
        **views.choices(period, today),
    )


def profession_labels(session: Session) -> dict[str, str]:
    """Return the professions by code, in words."""
    return {one.code: one.label for one in directory.list_professions(session, active=None)}


def _beside(period: Period, other: str) -> tuple[Period, ...]:
    day = views.read_day(other)
    named = () if day is None else (period_of(period.unit, day),)
    usual = (before(period), year_before(period))
    return tuple(dict.fromkeys(one for one in (*usual, *named) if one != period))


def _edits(session: Session, post: Post, code: str) -> list[dict[str, str]]:
    names = {f"account:{one.id}": one.display_name for one in security.list_accounts(session, by=post.actor)}
    return [
        {
            "when": web_wording.on_paper(edit.at),
            "who": author_name(edit.author, names),
            "what": "retiré" if edit.retired else edit.definition.name,
            "target": wording.say_target(edit.definition),
        }
        for edit in indicators.indicator_history(session, post.territory.id, code)
    ]
