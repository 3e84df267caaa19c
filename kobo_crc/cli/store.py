"""The store's and the vault's tables: brought up to date, examined."""

from __future__ import annotations

import typer

from kobo_crc.cli.words import HERE, Folder, say, settings_of

commands = typer.Typer(no_args_is_help=True, help="The tables of store and vault: upgrade and check them.")


@commands.command()
def upgrade(folder: Folder = HERE) -> None:
    """Bring the tables of store and vault up to this version of the program. Every run does so too; this says what.

    Example: `kobo-crc store upgrade`
    """
    from kobo_crc.upkeep import bring_up_to_date

    done = bring_up_to_date(settings_of(folder))
    for line in done:
        say(line)
    say(f"{len(done)} steps taken." if done else "Store and vault are up to date.")


@commands.command()
def check(folder: Folder = HERE) -> None:
    """Check the tables' version, whether anybody changed them, and whether they are sound. Exit code 1 for a fault.

    Example: `kobo-crc store check`
    """
    from kobo_crc.upkeep import FAULT, check

    findings = list(check(settings_of(folder)))
    for one in findings:
        say(f"{one.level:<8}{one.subject}: {one.said}")
    if any(one.level == FAULT for one in findings):
        raise typer.Exit(1)
