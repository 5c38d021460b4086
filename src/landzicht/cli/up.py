"""`landzicht up`: serve the portal."""

from __future__ import annotations

from pathlib import Path

import click

from landzicht.cli.options import data_option


@click.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 = any free."
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option("--no-demo", is_flag=True, help="Do not make Zonderland when the portal is empty.")
@click.option(
    "--theme",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="CSS file with an organisation's own colours and logo.",
)
def command(
    data: Path | None,
    host: str,
    port: int,
    workers: int,
    no_demo: bool,
    theme: Path | None,
) -> None:
    """Serve the portal: catalogue, maps and page.

    When the portal is empty it makes Zonderland, a simulated polder, so that there is something to
    see at once. Ctrl-C stops it.
    """
    from landzicht.portal.settings import load_settings
    from landzicht.web.serve import Serving, serve

    settings = load_settings(data, theme=str(theme.absolute()) if theme else None)
    if settings.theme:
        from landzicht.portal.theme import read_theme

        read_theme(settings.theme)  # told now: while serving a bad one is left out
    serve(
        Serving(settings=settings, host=host, port=port, workers=workers, demo=not no_demo),
        say=click.echo,
    )
