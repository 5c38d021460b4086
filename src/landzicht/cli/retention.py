"""`landzicht retention`: what the rules let go, removing it, and bringing it back."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click
import orjson

from landzicht.cli.failures import language
from landzicht.cli.options import data_option, json_option
from landzicht.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from landzicht.portal.keeping.retention import Plan

_SHOWN = 20
_MB = 1_000_000


@click.group()
def command() -> None:
    """Remove old images by the rules in retention.toml, and bring them back.

    First look: `plan` shows what goes and removes nothing. Then `apply PLAN` does exactly that. For
    some days (`bin_days`) `undo RUN` brings it back.
    """


@command.command()
@data_option
@json_option
def plan(data: Path | None, as_json: bool) -> None:
    """Show what the rules let go; nothing is removed."""
    from landzicht.portal import open_portal
    from landzicht.portal.keeping.retention import plan

    with open_portal(data) as portal:
        found = plan(portal.services)
    if as_json:
        _print_json(found.as_dict())
        return
    _print_plan(found)


@command.command()
@click.argument("plan_id", metavar="PLAN")
@data_option
@json_option
def apply(plan_id: str, data: Path | None, as_json: bool) -> None:
    """Remove what the plan of this name lets go; refused when it would be something else now."""
    from landzicht.portal import open_portal
    from landzicht.portal.keeping.removal import RECEIPTS, apply

    with open_portal(data) as portal:
        done = apply(portal.services, plan_id)
    if as_json:
        _print_json(done.as_dict())
        return
    said = _DONE if done.until else _DONE_FOR_GOOD
    facts = {"scenes": done.scenes, "mb": done.bytes // _MB, "run": done.run, "until": done.until}
    click.echo(said.say(language(), **facts))
    if done.young:
        click.echo(_YOUNG.say(language(), young=done.young))
    click.echo(_RECEIPTS.say(language(), path=RECEIPTS))


@command.command()
@click.argument("run")
@data_option
def undo(run: str, data: Path | None) -> None:
    """Bring back the images of a removal that is still in the bin."""
    from landzicht.portal import open_portal
    from landzicht.portal.keeping.removal import undo

    with open_portal(data) as portal:
        number = undo(portal.services, run)
    click.echo(_BACK.say(language(), number=number))


@command.command("bin")
@data_option
@click.option("--empty", is_flag=True, help="Empty it for good, to make room now.")
@json_option
def bin_(data: Path | None, empty: bool, as_json: bool) -> None:
    """Show what can still be brought back."""
    from landzicht.portal import open_portal
    from landzicht.portal.keeping.removal import empty as empty_bin
    from landzicht.portal.keeping.removal import removals

    with open_portal(data) as portal:
        if empty:
            freed = empty_bin(portal.services)
            told = {"freed": freed}
            click.echo(_EMPTIED.say(language(), mb=freed // _MB)) if not as_json else _print_json(
                told
            )
            return
        found = removals(portal.services)
    if as_json:
        _print_json({"removals": [each.as_dict() for each in found]})
        return
    for each in found:
        facts = {"run": each.run, "scenes": each.scenes, "mb": each.bytes // _MB}
        click.echo(_IN_BIN.say(language(), until=each.until, **facts))
    if not found:
        click.echo(_NO_BIN.say(language()))


def _print_plan(found: Plan) -> None:
    reasons = {"older": _OLDER, "not-best": _NOT_BEST}
    for one in found.leaving[:_SHOWN]:
        cloud = f" {one.cloud:.0f} %" if one.cloud is not None else ""
        why = reasons[one.why].say(language())
        click.echo(f"- {one.collection}/{one.id} {one.moment[:10]}{cloud}: {why}")
    more = len(found.leaving) - _SHOWN
    if more > 0:
        click.echo(_MORE.say(language(), more=more))
    counts = Counter(one.collection for one in found.leaving)
    for rule in found.rules:
        click.echo(_RULE.say(language(), goes=counts[rule.collection], **rule.as_dict()))
    for held in found.held:
        click.echo(_HELD.say(language(), number=held.number, job=held.needed_by))
    for name in found.unknown:
        click.echo(_UNKNOWN.say(language(), collection=name), err=True)
    if found.shared:
        click.echo(_SHARED.say(language(), shared=found.shared))
    facts = {"scenes": len(found.leaving), "kept": found.kept, "mb": found.bytes // _MB}
    said = _PLAN if found.leaving else _NOTHING
    click.echo(said.say(language(), plan=found.id, **facts))


def _print_json(told: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")


_OLDER = Text(nl="ouder dan wordt bewaard", en="older than is kept")
_NOT_BEST = Text(
    nl="niet bij de helderste van die maand en plek",
    en="not among the clearest of its month and place",
)
_MORE = Text(nl="… en nog {more} (alle met --json)", en="… and {more} more (all with --json)")
_RULE = Text(
    nl="{collection}: {keep_months} maanden alles, daarvoor {best_per_month} per maand en plek; "
    "{goes} gaan weg",
    en="{collection}: all of {keep_months} months, before that {best_per_month} per month and "
    "place; {goes} go",
)
_HELD = Text(
    nl="{number} beelden blijven nog: vraag {job} wordt erin gemeten",
    en="{number} images stay for now: job {job} measures in them",
)
_UNKNOWN = Text(
    nl="De verzameling {collection} uit de regels is er niet.",
    en="The collection {collection} of the rules is not here.",
)
_SHARED = Text(
    nl="{shared} bestanden horen ook bij andere beelden en blijven.",
    en="{shared} files belong to other images as well and stay.",
)
_PLAN = Text(
    nl="Plan {plan}: {scenes} beelden ({mb} MB) gaan weg, {kept} blijven. Antwoorden die al "
    "gegeven zijn blijven, maar zijn met deze beelden niet meer na te rekenen. Doe het met: "
    "landzicht retention apply {plan}",
    en="Plan {plan}: {scenes} images ({mb} MB) go, {kept} stay. Answers that were given stay, but "
    "can no longer be computed again from these images. Do it with: landzicht retention apply "
    "{plan}",
)
_NOTHING = Text(
    nl="Er gaat niets weg; {kept} beelden blijven.", en="Nothing goes; {kept} images stay."
)
_DONE = Text(
    nl="{scenes} beelden verwijderd; hun {mb} MB komt vrij na {until}, of nu met `landzicht "
    "retention bin --empty`. Terugzetten: landzicht retention undo {run}",
    en="{scenes} images removed; their {mb} MB become free after {until}, or now with `landzicht "
    "retention bin --empty`. Bring them back: landzicht retention undo {run}",
)
_DONE_FOR_GOOD = Text(
    nl="{scenes} beelden verwijderd; {mb} MB vrij.", en="{scenes} images removed; {mb} MB free."
)
_YOUNG = Text(
    nl="{young} bestanden zijn jonger dan een dag; `landzicht catalogue clean --remove` ruimt ze "
    "later op.",
    en="{young} files are younger than a day; `landzicht catalogue clean --remove` removes them "
    "later.",
)
_RECEIPTS = Text(nl="Bewijs: {path} in de gegevensmap", en="Receipts: {path} in the data folder")
_BACK = Text(nl="{number} beelden teruggezet", en="{number} images brought back")
_IN_BIN = Text(
    nl="{run}: {scenes} beelden, {mb} MB, tot {until}",
    en="{run}: {scenes} images, {mb} MB, until {until}",
)
_NO_BIN = Text(nl="De prullenbak is leeg.", en="The bin is empty.")
_EMPTIED = Text(nl="Prullenbak geleegd: {mb} MB vrij", en="Bin emptied: {mb} MB free")
