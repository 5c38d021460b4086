"""`landzicht`: the group of commands, loaded one by one so that help is quick."""

from __future__ import annotations

import importlib
import os
import sys
from typing import NoReturn

import click

from landzicht import __version__
from landzicht.cli.failures import explain

COMMANDS = {
    "up": "Serve the portal: catalogue, maps and page.",
    "ingest": "Take satellite files into the portal.",
    "follow": "Keep following a STAC API or a folder.",
    "search": "Find scenes in the portal.",
    "series": "Measure parcels on every date.",
    "insight": "Tell what the year of one parcel was like.",
    "areas": "Register areas to measure: a file, or official open data.",
    "world": "Make the simulated polder Zonderland as files.",
    "retention": "Remove old images by rule, and bring them back.",
    "catalogue": "Move, back up, export, import or clean up the catalogue.",
    "doctor": "Tell what works here, what is missing and what to do.",
}


class LateGroup(click.Group):
    """A group that imports a command only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"landzicht.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LateGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="landzicht")
def group() -> None:
    """Landzicht: an open satellite-data portal in one command.

    Start with `landzicht up` and open the address that it prints. The data folder is --data DIR,
    or LANDZICHT_DATA, or a folder of your own that `landzicht doctor` tells.
    """


def main() -> NoReturn:
    """Run the command line; the exit code is 0 = done, 1 = failed, 2 = wrong use."""
    try:
        code = group.main(standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code or 0)
    except click.exceptions.Abort:
        click.echo("\nStopped.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # Somebody piped us into `head`: that is no failure, and no reason for a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last place that can explain
        sys.exit(explain(error))
