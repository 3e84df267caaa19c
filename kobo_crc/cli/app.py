"""The typer application that every module of commands adds itself to."""

from __future__ import annotations

from typing import Annotated

import typer

from kobo_crc import __version__
from kobo_crc.cli.words import say

app = typer.Typer(
    name="kobo-crc",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""Bring KoboToolbox submissions of Community Resource Centres into a referral store, every night.

Start here:

1. `kobo-crc init my-centres` puts settings, forms and pipelines into a new folder
2. `cd my-centres`, and write the server's address into kobo_crc.toml
3. `kobo-crc deploy` brings the forms to the server
4. `kobo-crc vault init` makes the key that names and phones are sealed under
5. `kobo-crc run nightly` brings what changed there into store.db
""",
)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False) -> None:
    if version:
        say(f"kobo-crc {__version__}")
        raise typer.Exit
