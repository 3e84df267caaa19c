"""The vault copied, and put back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, bars, now_utc, say, settings_of

commands = typer.Typer()


@commands.command()
def backup(
    into: Annotated[Path, typer.Argument(help="The folder of the copies, best on another disk.")],
    folder: Folder = HERE,
    keep_days: Annotated[int, typer.Option("--keep-days", min=1, help="Remove copies older than that.")] = 30,
) -> None:
    """Copy the vault, sealed as it is and without its key, and remove copies whose time is over.

    The store need not be copied: it is made from the vault. Copies expire, because what is erased is still in them.

    Example: `kobo-crc backup /media/backup --keep-days 30`
    """
    from kobo_crc.backups import back_up

    made = back_up(settings_of(folder), into, keep_days, now_utc())
    say(f"The vault is copied to {made.path}; {len(made.expired)} older copies were removed.")


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `kobo-crc backup` made.")],
    folder: Folder = HERE,
    pipeline: Annotated[str, typer.Option(help="Whose store is made again from it.")] = "nightly",
) -> None:
    """Put a copy in the vault's place, and make the store again from it. Who was erased since is erased again.

    Example: `kobo-crc restore /media/backup/vault-2026-11-26-013000.db`
    """
    from kobo_crc.backups import restore as put_back
    from kobo_crc.pipeline import rebuild

    settings = settings_of(folder)
    done = put_back(settings, file, now_utc())
    if done.before is not None:
        say(f"The vault that was there is kept as {done.before}. Please delete it when all is well.")
    say(f"{done.erased_again} erasures were done again.")
    if done.open_ends:
        say(f"{done.open_ends} parts of shared submissions will come back: please erase those people again.")
    with bars() as progress:
        rebuild(settings, pipeline, progress=progress)
    say("The store is made again. Please run: kobo-crc run nightly")
