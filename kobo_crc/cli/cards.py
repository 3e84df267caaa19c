"""What is printed for people's hands: cards with numbers, referral slips, and the code that sets a tablet up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, now_utc, say, settings_of

commands = typer.Typer()


@commands.command()
def cards(
    people: Annotated[int, typer.Option(help="How many person cards.", min=0)] = 0,
    slips: Annotated[int, typer.Option(help="How many referral slips.", min=0)] = 0,
    into: Annotated[Path, typer.Option(help="The folder to write into.")] = Path("cards"),
    folder: Folder = HERE,
) -> None:
    """Write sheets of person cards and referral slips, A4, with numbers that were never printed before.

    Example: `kobo-crc cards --people 100 --slips 80`
    """
    from kobo_crc.codes import PERSON_CARD, REFERRAL_SLIP, Kind
    from kobo_crc.printing import print_numbers

    if not people and not slips:
        raise typer.BadParameter("Please say how many: --people, --slips, or both.")
    wanted: list[tuple[Kind, int]] = [(PERSON_CARD, people), (REFERRAL_SLIP, slips)]
    now = now_utc()
    for kind, count in wanted:
        if count:
            path = print_numbers(settings_of(folder), kind, count, into, now)
            say(f"{path}: {count} new numbers. Print it once; a number on two cards makes two people one.")


@commands.command("tablet-qr")
def tablet_qr(
    account: Annotated[str, typer.Argument(help="The KoboToolbox account that tablets send as.")],
    pipeline: Annotated[str, typer.Option(help="Whose forms the tablets fill.")] = "nightly",
    project: Annotated[str, typer.Option(help="The pipeline's project; the first otherwise.")] = "",
    collect_url: Annotated[str, typer.Option(help="Where tablets send to, on a server of your own.")] = "",
    into: Annotated[Path, typer.Option(help="The folder to write into.")] = HERE,
    folder: Folder = HERE,
) -> None:
    """Write the code that sets KoboCollect up, for an account that may only add submissions. **It holds a password.**

    The passwords are KOBO_CRC_TABLET_PASSWORD (the account's) and KOBO_CRC_TABLET_ADMIN_PASSWORD (for the tablets'
    settings): environment variables, or files of the secrets folder.

    Example: `kobo-crc tablet-qr baiji_tablets`
    """
    from kobo_crc.tablets import write_tablet

    path = write_tablet(settings_of(folder), account, pipeline, into, project=project, collect_url=collect_url)
    say(f"{path}: whoever sees this code has the account's password. Delete the file when the tablets are set up.")
