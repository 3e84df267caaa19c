"""What needs a person: the open problems, and the way to the submission they are about."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, now_utc, say, settings_of, stated

commands = typer.Typer()


@commands.command()
def problems(
    folder: Folder = HERE,
    code: Annotated[str, typer.Option(help="Only problems of this kind.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
) -> None:
    """List rejected and doubtful answers: where they are, why, and what to do. Never the answer itself.

    Example: `kobo-crc problems --code code_unknown`
    """
    from itertools import islice

    from kobo_crc.enquiries import open_problems, problem_counts, refuse_no_kind

    settings = settings_of(folder)
    refuse_no_kind(code)
    for problem in islice(open_problems(settings, code), limit):
        staff = f" · {problem.staff_code}" if problem.staff_code else ""
        named = problem.question != problem.path
        place = f" · {problem.question}" if problem.question else ""
        say(f"{problem.form} _id {problem.server_id}{staff}{place}" + (f" ({problem.path})" if named else ""))
        say(f"    {problem.cause} {problem.remedy} [{problem.code}]")
    found = problem_counts(settings)
    say("No problems." if not found else "In all: " + ", ".join(f"{count} {kind}" for kind, count in found.items()))


@commands.command("files")
def take_files(
    server_id: Annotated[int, typer.Argument(metavar="ID", help="The submission's _id, as `problems` shows it.")],
    purpose: Annotated[
        str, typer.Option("--purpose", callback=stated, help="Why, in your own words, for the audit. No names.")
    ],
    into: Annotated[Path, typer.Option("--into", help="The folder to write to; they lie there in the clear.")],
    folder: Folder = HERE,
) -> None:
    """Take a submission's photos and other files out of the vault, under their own names. Written into the audit.

    Example: `kobo-crc files 4711 --purpose "copy for the court, asked by the person" --into for-the-court`
    """

    from kobo_crc.files import take_out
    from kobo_crc.opening import opened

    settings, now = settings_of(folder), now_utc()
    with opened(settings) as database:
        paths = take_out(database, settings.vault, server_id, purpose, into, now)
    for path in paths:
        say(str(path))
    say(f"{len(paths)} files are in the clear there. Please delete them when they have served their purpose.")


@commands.command("open")
def open_submission(
    server_id: Annotated[int, typer.Argument(metavar="ID", help="The submission's _id, as `problems` shows it.")],
    folder: Folder = HERE,
    show: Annotated[bool, typer.Option("--show", help="Print the address instead of opening a browser.")] = False,
) -> None:
    """Open a submission in KoboToolbox, to correct it there.

    Example: `kobo-crc open 4711`
    """
    import webbrowser

    from kobo_crc.enquiries import addresses

    for address in addresses(settings_of(folder), server_id):
        say(address)
        if not show:
            webbrowser.open(address)
