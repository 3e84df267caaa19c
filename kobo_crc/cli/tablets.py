"""To the tablets: the lists that forms look things up in."""

from __future__ import annotations

from typing import Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, say, settings_of

commands = typer.Typer()


@commands.command()
def publish(
    folder: Folder = HERE,
    pipeline: Annotated[str, typer.Option(help="Whose projects.")] = "nightly",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go, and change nothing.")] = False,
    accept_shorter: Annotated[
        bool, typer.Option("--accept-shorter", help="Believe that a list has become much shorter, this once.")
    ] = False,
) -> None:
    """Bring open referrals and available services to the tablets, as lists beside the forms that look them up.

    A list goes only when it has changed, at most once a day, while the centres are closed. Where the pipeline file says
    `hold_doubtful`, submissions with answers to correct go on hold, and come off it when they are corrected.

    Example: `kobo-crc publish --dry-run`
    """
    from kobo_crc.delivery import hand_out

    for told in hand_out(settings_of(folder), pipeline, dry_run=dry_run, accept_shorter=accept_shorter):
        say(str(told))
