"""What needs a person: the open problems, and the way to the submission they are about."""

from __future__ import annotations

from typing import Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, say, settings_of

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

    from kobo_crc.enquiries import open_problems, problem_counts

    settings = settings_of(folder)
    for problem in islice(open_problems(settings, code), limit):
        staff = f" · {problem.staff_code}" if problem.staff_code else ""
        say(f"{problem.form} _id {problem.server_id}{staff} · {problem.question} ({problem.path})")
        say(f"    {problem.cause} {problem.remedy} [{problem.code}]")
    found = problem_counts(settings)
    say("No problems." if not found else "In all: " + ", ".join(f"{count} {kind}" for kind, count in found.items()))


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
