"""Work on the forms: check, build, describe."""

from __future__ import annotations

import typer

from kobo_crc.cli.words import HERE, Folder, say, settings_of

commands = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="Check, build and describe the forms.")


@commands.command("check")
def forms_check(folder: Folder = HERE) -> None:
    """Check every form: targets, types, privacy classes, translations, and what breaks on tablets.

    Example: `kobo-crc forms check`
    """
    from kobo_crc.rollout import check_all

    names = check_all(settings_of(folder))
    say(f"OK: {', '.join(names)}")


@commands.command("build")
def forms_build(folder: Folder = HERE) -> None:
    """Write forms/xlsx/*.xlsx from the Markdown forms, for people who upload them by hand.

    Example: `kobo-crc forms build`
    """
    from kobo_crc.rollout import build_all

    for path in build_all(settings_of(folder)):
        say(f"  wrote {path}")


@commands.command("dictionary")
def forms_dictionary(folder: Folder = HERE) -> None:
    """Print the data dictionary: every table and column, and the question that fills it.

    Example: `kobo-crc forms dictionary > dictionary.md`
    """
    from kobo_crc.rollout import dictionary_of

    say(dictionary_of(settings_of(folder)))
