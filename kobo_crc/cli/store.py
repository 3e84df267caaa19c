"""The store's and the vault's tables: brought up to date, examined, and on PostgreSQL opened to those who may."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from kobo_crc.cli.words import HERE, Folder, say, settings_of

commands = typer.Typer(no_args_is_help=True, help="The tables of store and vault: upgrade, check, grant.")


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


@commands.command()
def grant(
    login: Annotated[str, typer.Argument(help="A login of the PostgreSQL server; made, if it is new.")] = "",
    role: Annotated[
        Literal["pipeline", "officer", "analyst"], typer.Option("--as", help="What the login is for.")
    ] = "analyst",
    centre: Annotated[list[str] | None, typer.Option("--centre", help="An officer's centre; may be repeated.")] = None,
    admin: Annotated[str, typer.Option("--admin", help="The login to do this as, when not that of store_url.")] = "",
    folder: Folder = HERE,
) -> None:
    """Make the roles of a PostgreSQL store and say who may see which rows. With a login, put it into a role.

    `pipeline` runs the nights, `officer` sees the rows of some centres and may open them, `analyst` sees the store and
    nothing of the vault. Give it once, and again when a centre is new.

    Example: `kobo-crc store grant amina --as officer --centre jalawla --admin postgres`
    """
    from kobo_crc.access import admit, set_up

    settings = settings_of(folder)
    centres = set_up(settings, admin)
    say(f"The roles are there, and the rules are laid, for {len(centres)} centres.")
    if not login:
        return
    held = admit(settings, login, role, centre or [], admin)
    say(f"{login} is in {', '.join(held)}, and in no other role of ours.")
    say(f"A new login has no password yet. Please set one in psql: \\password {login}")
