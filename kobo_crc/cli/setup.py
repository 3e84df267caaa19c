"""Before the first night: a folder of settings and forms, and the forms onto the server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, say, settings_of

if TYPE_CHECKING:
    from kobo_crc.deploy import Outlook

commands = typer.Typer()


@commands.command()
def init(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")] = HERE) -> None:
    """Write a commented settings file, and copy the forms and pipelines, into an empty folder.

    Example: `kobo-crc init my-centres`
    """
    from kobo_crc.config import SETTINGS_FILE, settings_template
    from kobo_crc.templates import copy_into

    kept = copy_into(folder)
    settings = folder / SETTINGS_FILE
    if settings.exists():
        kept.append(settings)
    else:
        settings.write_text(settings_template(), encoding="utf-8")
    for path in kept:
        say(f"{path} was there already and is kept as it is.")
    say(
        "Now put the server's address into kobo_crc.toml, the account's token into the environment variable "
        "KOBO_CRC_TOKEN, and run: kobo-crc deploy, then kobo-crc vault init"
    )


@commands.command()
def deploy(
    folder: Folder = HERE,
    pipeline: Annotated[str, typer.Option(help="Whose forms.")] = "nightly",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a form changed on the server.")] = False,
    another: Annotated[bool, typer.Option("--another", help="Make a second project of the same title.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and send nothing.")] = False,
) -> None:
    """Check the pipeline's forms, say what changes, and deploy those that changed to the server.

    Example: `kobo-crc deploy --dry-run`
    """
    from kobo_crc.rollout import preview, roll_out

    settings = settings_of(folder)
    for project, form, outlook in preview(settings, pipeline, overwrite=overwrite, another=another):
        _say_outlook(f"{project}: {form}", outlook)
    if dry_run:
        say("Nothing was sent.")
        return
    for project, form, deployed in roll_out(settings, pipeline, overwrite=overwrite, another=another):
        outcome = "deployed" if deployed.changed else "unchanged"
        say(f"{project}: {form} {outcome} ({deployed.asset_uid}, version {deployed.version})")


def _say_outlook(what: str, outlook: Outlook) -> None:
    words = {
        "new": "will be a new project",
        "changed": "will change",
        "waiting": "is saved there, and will be deployed",
        "unchanged": "has not changed",
        "foreign": "is someone else's form (its .store.csv lies beside it), and is not deployed",
    }
    say(f"{what} {words[outlook.action]}")
    for change in outlook.changes:
        say(f"  {change}")
