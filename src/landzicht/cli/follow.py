"""`landzicht follow`: keep following STAC APIs and folders."""

from __future__ import annotations

import json
import signal
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from landzicht.cli.failures import language
from landzicht.cli.options import data_option, json_option
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from landzicht.portal import Portal
    from landzicht.portal.following.source_order import Following
    from landzicht.portal.following.source_status import SourceStatus
    from landzicht.sources.source import Source
    from landzicht.sources.state import Came

_LOOK_S = 1.0
"""Between looks at how the sources do, while they are followed."""


@click.command()
@click.argument("source", required=False)
@data_option
@click.option("--collection", metavar="ID", help="Collection there; for a folder: the one here.")
@click.option("--into", metavar="ID", help="Collection here, when it must be another one.")
@click.option("--area", metavar="AREA", help="Registered areas, west,south,east,north, or GeoJSON.")
@click.option("--cloud", type=click.FloatRange(0, 100), help="Most cloud cover in percent.")
@click.option("--since", metavar="DATE", help="First day; 90 days ago when absent.")
@click.option(
    "--mirror/--link", default=True, help="Copy files (the default), or leave them there."
)
@click.option("--only-area", is_flag=True, help="Copy the blocks inside the area only.")
@click.option("--bands", metavar="B04,B08", help="Bands to copy; all that the profile knows.")
@click.option("--profile", metavar="NAME", help="What the numbers mean; found by the address.")
@click.option(
    "--every",
    type=click.FloatRange(1),
    default=15,
    show_default=True,
    help="Minutes between looks.",
)
@click.option("--bandwidth", type=click.FloatRange(0), default=0, help="Most MB a second.")
@click.option(
    "--settle",
    type=click.FloatRange(0, 3600),
    metavar="SECONDS",
    help="Of a folder: how long a delivery must stand still to be whole (30).",
)
@click.option("--once", is_flag=True, help="Take in what there is, then stop.")
@click.option("--list", "listing", is_flag=True, help="Tell what is followed, and how it goes.")
@click.option("--profiles", is_flag=True, help="Tell which APIs and collections are known.")
@click.option("--pause", metavar="NAME", help="Let a source wait.")
@click.option("--resume", metavar="NAME", help="Let a source go on.")
@click.option("--remove", metavar="NAME", help="Stop following a source; its images stay.")
@json_option
def command(source: str | None, data: Path | None, **told: Any) -> None:  # noqa: ANN401 - click's
    """Keep following SOURCE: a STAC API (https://… or a name of --profiles) or a folder.

    Its images of the past come in, the newest month first, then new and corrected ones as they
    appear, until Ctrl-C; `landzicht up` goes on with it by itself. Without SOURCE everything that
    is followed is looked after.

    Exit code: 0 done, 1 some images failed (they are tried again), 2 wrong use.
    """
    from landzicht.portal import open_portal

    with open_portal(data) as portal:
        if told["profiles"]:
            _print_profiles(as_json=told["as_json"])
        elif told["listing"]:
            _print_sources(portal, as_json=told["as_json"])
        elif not _changed(portal, told):
            names = None
            if source is not None:
                names = frozenset({portal.add_source(_order(source, told)).id})
            sys.exit(_follow(portal, names, once=told["once"], as_json=told["as_json"]))


def _order(source: str, told: dict[str, Any]) -> Following:
    from landzicht.portal.following.source_order import Following

    bands = tuple(filter(None, (one.strip() for one in (told["bands"] or "").split(","))))
    return Following(
        place=source,
        collection=told["collection"] or "",
        into=told["into"] or "",
        area=told["area"] or "",
        cloud=told["cloud"],
        since=told["since"] or "",
        link=not told["mirror"],
        only_area=told["only_area"],
        bands=bands,
        profile=told["profile"] or "",
        every_s=told["every"] * 60.0,
        bandwidth_mbs=told["bandwidth"],
        by_hand=told["once"],
        settle_s=told["settle"],
    )


def _changed(portal: Portal, told: dict[str, Any]) -> bool:
    """Pause, resume or remove a source when that is asked; return whether it was."""
    for name, text in (("pause", _PAUSED), ("resume", _RESUMED), ("remove", _REMOVED)):
        if told[name]:
            getattr(portal, f"{name}_source")(told[name])
            click.echo(text.say(language(), source=told[name]))
            return True
    return False


def _follow(portal: Portal, names: frozenset[str] | None, *, once: bool, as_json: bool) -> int:
    failed: set[tuple[str, str]] = set()

    def say(source: Source, came: Came) -> None:
        if came.outcome.value == "failed":
            failed.add((source.id, came.key))
        else:
            failed.discard((source.id, came.key))
        _print_came(source, came, as_json=as_json)

    with _stopped_by_signals(portal) as stop:
        if once:
            broken = portal.follow_once(names, say, stop)
            for name, reason in broken.items():
                click.echo(f"✗ {name}: {reason.say(language())}", err=True)
            return 1 if failed or broken else 0
        if names is None and not portal.sources():
            click.echo(_NOTHING.say(language()), err=True)
        else:
            click.echo(_FOLLOWING.say(language()), err=True)
        with _troubles_told(portal, names):
            portal.follow_all(say, stop, names)
    return 1 if failed else 0


@contextmanager
def _troubles_told(portal: Portal, names: frozenset[str] | None) -> Iterator[None]:
    """Say meanwhile what is wrong with a source as a whole: each reason once, until it changes."""
    done = threading.Event()

    def watch() -> None:
        told: dict[str, Text | None] = {}
        while not done.wait(_LOOK_S):
            for one in portal.sources():
                if names is None or one.id in names:
                    if one.error is not None and one.error != told.get(one.id):
                        click.echo(_trouble(one), err=True)
                    told[one.id] = one.error

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _trouble(one: SourceStatus) -> str:
    reason = one.error.say(language()) if one.error is not None else ""
    again = one.next_try[:16].replace("T", " ")
    return f"✗ {one.id}: {reason}" + (_AGAIN.say(language(), moment=again) if again else "")


@contextmanager
def _stopped_by_signals(portal: Portal) -> Iterator[threading.Event]:
    """Yield what Ctrl-C and SIGTERM set; a second Ctrl-C ends it at once."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():  # only there signals arrive
        yield stop
        return

    def ask(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        portal.interrupt()

    before = [(each, signal.signal(each, ask)) for each in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield stop
    finally:
        for each, old in before:
            signal.signal(each, old)


def _print_came(source: Source, came: Came, *, as_json: bool) -> None:
    if as_json:
        told = {"source": source.id, "item": came.key, "outcome": came.outcome.value}
        told |= {"collection": came.collection, "scene": came.scene, "datetime": came.moment}
        click.echo(json.dumps({**told, "code": came.code, "reason": came.reason}))
        return
    words = {"in": "in     ", "skipped": "skipped", "failed": "FAILED "}
    place = f" → {came.collection}/{came.scene}" if came.scene else ""
    reason = f": {came.reason[language()]} ({came.code})" if came.code else ""
    click.echo(f"{words[came.outcome.value]} {came.key}{place}{reason}")


def _print_sources(portal: Portal, *, as_json: bool) -> None:
    told = portal.sources()
    if as_json:
        click.echo(json.dumps({"sources": [one.as_dict() for one in told]}, ensure_ascii=False))
        return
    if not told:
        click.echo(_NOTHING.say(language()))
    for one in told:
        state = one.state.say(language())
        click.echo(f"{one.id}\n    {one.place} {one.collection}  {state}")
        newest = one.last or "-"
        counts = ", ".join(f"{count} {name}" for name, count in one.counts.items())
        click.echo(f"    newest {newest}; {counts}; {one.bytes / 1e6:.0f} MB")
        if one.error is not None:
            click.echo(f"    ✗ {one.error.say(language())}")
        for failure in one.failures[:5]:
            again = datetime.fromtimestamp(failure["next_try"], UTC).strftime("%Y-%m-%d %H:%M")
            click.echo(f"    ✗ {failure['key']}: {failure[language()]} (again {again} UTC)")


def _print_profiles(*, as_json: bool) -> None:
    from landzicht.sources.profile import profiles

    found = profiles()
    if as_json:
        told = [
            {
                "id": one.id,
                "addresses": one.addresses,
                "key": one.access.keys.variables,
                "unverified": one.unverified,
                "collections": {
                    name: {
                        "into": theme.collection.id,
                        "key": one.access_to(name).keys.variables,
                        "unverified": theme.unverified,
                    }
                    for name, theme in one.themes.items()
                    if theme.refused is None
                },
            }
            for one in found
        ]
        click.echo(json.dumps({"profiles": told}, ensure_ascii=False, indent=2))
        return
    for one in found:
        click.echo(f"{one.id}: {one.title.say(language())}  {' '.join(one.addresses) or '-'}")
        for name, theme in one.themes.items():
            why = f"  ✗ {theme.refused.say(language())}" if theme.refused else ""
            click.echo(f"    --collection {name} → {theme.collection.id}{why}")
            if theme.access is not None and theme.access.keys.variables:
                names = ", ".join(theme.access.keys.variables)
                click.echo(f"        {_KEY.say(language(), names=names)}")
        if one.access.keys.variables:
            click.echo(f"    {_KEY.say(language(), names=', '.join(one.access.keys.variables))}")
        for text in (
            *one.unverified,
            *(each for t in one.themes.values() for each in t.unverified),
        ):
            click.echo(f"    ? {text}")


_PAUSED = Text(nl="{source} wacht.", en="{source} waits.")
_RESUMED = Text(nl="{source} gaat verder.", en="{source} goes on.")
_REMOVED = Text(
    nl="{source} wordt niet meer gevolgd; de beelden blijven.",
    en="{source} is no longer followed; its images stay.",
)
_NOTHING = Text(
    nl="Er wordt nog niets gevolgd. Begin met: landzicht follow ADRES --collection ID",
    en="Nothing is followed yet. Begin with: landzicht follow ADDRESS --collection ID",
)
_AGAIN = Text(nl=" (opnieuw om {moment} UTC)", en=" (again at {moment} UTC)")
_FOLLOWING = Text(nl="Volgt; Ctrl-C stopt.", en="Following; Ctrl-C stops.")
_KEY = Text(nl="vraagt om: {names}", en="asks for: {names}")
