"""Workbooks for receivers without an account: made under a password, and brought in when they come back filled."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, language_of, now_utc, password_of, refuse_unknown, say, settings_of
from kobo_crc.errors import ConfigError

commands = typer.Typer(
    no_args_is_help=True, help="Receivers' workbooks: made under a password, brought in when filled."
)


@commands.command()
def make(
    receiver: Annotated[str, typer.Argument(help="The receiver's code, as in forms/codes/organization.csv.")],
    folder: Folder = HERE,
    language: Annotated[str, typer.Option(help="ar, ckb or en; else that of the settings.")] = "",
) -> None:
    """Write a receiver's workbook of open referrals to reply to, under its password. Only what may be told to it.

    Example: `kobo-crc replies make drc --language ar`
    """
    from kobo_crc.config import password_name
    from kobo_crc.replies import make as make_workbook

    settings = settings_of(folder)
    language = language_of(language)
    refuse_unknown(settings, organization=receiver)
    password = password_of(settings, password_name(receiver), receiver, new=True)
    made = make_workbook(settings, receiver, password, language or settings.language, now_utc())
    say(f"{made.path}: {made.count} referrals, under the password. Please tell that another way than the file.")


@commands.command("import")
def import_replies(
    file: Annotated[Path, typer.Argument(help="The workbook as the receiver filled and saved it.")],
    folder: Folder = HERE,
    receiver: Annotated[str, typer.Option(help="The receiver's code; else what the file's name begins with.")] = "",
) -> None:
    """Bring in a receiver's filled workbook; what was brought in before is left alone. Exit code 1 for rows refused.

    Example: `kobo-crc replies import "Downloads/drc 2026-11-23.xlsx"`
    """
    from kobo_crc.config import password_name
    from kobo_crc.replies import bring
    from kobo_crc.replies.texts import text

    settings = settings_of(folder)
    if not file.is_file():
        raise ConfigError(f"There is no file {file}. Please check its name and folder.")
    whose = receiver or file.stem.partition(" ")[0]
    try:
        refuse_unknown(settings, organization=whose)
    except ConfigError as fault:
        raise ConfigError(f"{fault} It is what the file's name begins with, or give --receiver.") from fault
    password = password_of(settings, password_name(whose), whose)
    brought = bring(settings, file, whose, password, now_utc())
    for refused in brought.refused:
        say(f"Refused: row {refused.line}: {text(refused.why, settings.language)}", error=True)
    say(f"{brought.landed} replies are new; {brought.known} were here already; {len(brought.refused)} rows refused.")
    if brought.doubtful:
        say(f"{brought.doubtful} do not fit their referral as it stands: kobo-crc problems --code reply_doubtful")
    if brought.refused:
        raise typer.Exit(1)
