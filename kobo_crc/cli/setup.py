"""Before the first night: a folder of settings and forms, and the forms onto the server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, say, settings_of

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
) -> None:
    """Check the pipeline's forms and deploy those that changed to the server.

    Example: `kobo-crc deploy`
    """
    from kobo_crc.rollout import roll_out

    for project, form, deployed in roll_out(settings_of(folder), pipeline, overwrite=overwrite, another=another):
        outcome = "deployed" if deployed.changed else "unchanged"
        say(f"{project}: {form} {outcome} ({deployed.asset_uid}, version {deployed.version})")
