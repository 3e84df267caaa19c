"""Years before the first night: KoboToolbox's own exports brought into the same vault and store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, bars, say, settings_of

if TYPE_CHECKING:
    from kobo_crc.exports.model import Notes

commands = typer.Typer()


@commands.command("import")
def import_export(
    file: Annotated[Path, typer.Argument(help="KoboToolbox's own export, .xlsx or .json.")],
    form: Annotated[str, typer.Option(help="The form's name, as in the folder forms.")],
    project: Annotated[str, typer.Option(help="The pipeline's project that it was exported from.")] = "main",
    pipeline: Annotated[str, typer.Option(help="The file's name in pipelines/, without .toml.")] = "nightly",
    folder: Folder = HERE,
) -> None:
    """Bring in an earlier export; what the server gives, before or afterwards, goes first. Exit code 1 for rows unread.

    Example: `kobo-crc import 2023.xlsx --form intake`
    """
    from kobo_crc.backfill import Backfill, bring

    with bars() as progress:
        brought = bring(settings_of(folder), Backfill(file, form, project, pipeline), progress)
    _say_notes(brought.notes)
    say(f"{brought.landed} submissions are new here; {brought.known} were here already, and stay as they are.")
    if brought.notes.unread:
        raise typer.Exit(1)


def _say_notes(notes: Notes) -> None:
    for unread in notes.unread:
        say(f"Left out: {unread}", error=True)
    for column in notes.unknown_columns:
        say(f"No question of the form has this header; its answers are kept in the vault: {column}")
    for path, count in notes.unknown_labels.items():
        say(f"{path}: {count} answers are neither a code nor a label of the form's list (kobo-crc problems)")
