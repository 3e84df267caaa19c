"""Work on the forms: check, build, bring back, describe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kobo_crc.cli.setup import deploy
from kobo_crc.cli.words import HERE, Folder, say, settings_of

commands = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="Check, build and describe the forms.")
commands.command("deploy", help="The same as `kobo-crc deploy`. Example: `kobo-crc forms deploy --dry-run`")(deploy)


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


@commands.command("import")
def forms_import(
    file: Annotated[Path, typer.Argument(help="The edited workbook, .xlsx.")],
    form: Annotated[str, typer.Option(help="The form's name; without it, the file's.")] = "",
    folder: Folder = HERE,
) -> None:
    """Bring an edited workbook back into forms/NAME.md; lines that still hold stay as they are.

    Example: `kobo-crc forms import Downloads/intake.xlsx`
    """
    from kobo_crc.workbooks import bring_in

    brought = bring_in(settings_of(folder), file, form or file.stem)
    for sentence in brought.lost:
        say(sentence)
    say(f"{brought.path}: {brought.new_lines} lines are new" if brought.new_lines else f"{brought.path}: unchanged")


@commands.command("diff")
def forms_diff(
    form: Annotated[str, typer.Argument(help="The form's name, as in the folder forms.")],
    pipeline: Annotated[str, typer.Option(help="Whose projects.")] = "nightly",
    back: Annotated[int, typer.Option(min=1, help="Compare the deployed version with the one so many before it.")] = 1,
    folder: Folder = HERE,
) -> None:
    """Compare a form here, on the tablets and before, and say what each change does to stored data.

    Example: `kobo-crc forms diff intake`
    """
    from kobo_crc.versions import compare

    for one in compare(settings_of(folder), form, pipeline, back):
        say(f"{one.project}: {form}, from {one.before} to {one.after}{':' if one.changes else ': nothing changed'}")
        for change in one.changes:
            say(f"  {change}")


@commands.command("adopt")
def forms_adopt(
    asset: Annotated[str, typer.Argument(help="The project's uid: it stands in its address, .../#/forms/UID/landing")],
    name: Annotated[str, typer.Option(help="The form's name here; without it, made from the project's title.")] = "",
    pipeline: Annotated[str, typer.Option(help="The pipeline that shall read it.")] = "nightly",
    project: Annotated[
        str, typer.Option(help="The pipeline's project whose account sees it; the first otherwise.")
    ] = "",
    folder: Folder = HERE,
) -> None:
    """Bring down someone else's deployed form, with a NAME.store.csv to fill in: where each answer goes.

    Example: `kobo-crc forms adopt aBcDeFgHiJkLmNoPqRsTuV --name water_point`
    """
    from kobo_crc.adopting import adopt

    adopted = adopt(settings_of(folder), asset, pipeline, project=project, name=name)
    say(f"{adopted.form}: {adopted.questions} questions, {adopted.new} of them new")
    for path in adopted.gone:
        say(f"  gone from the form, and from {adopted.annotations.name}: {path}")
    say(
        f"Now write into {adopted.annotations} where each answer goes: table.column or - under store, the class under "
        "pii, and pairs THEIRS=OURS under codes where the choices have other names. What stays empty is kept in the "
        f'vault. Then run `kobo-crc forms check`, and add "{adopted.form.stem}" to forms in pipelines/{pipeline}.toml.'
    )


@commands.command("print")
def forms_print(
    forms: Annotated[list[str] | None, typer.Argument(help="The forms' names; without any, all.")] = None,
    into: Annotated[Path, typer.Option(help="The folder to write into.")] = Path("paper"),
    folder: Folder = HERE,
) -> None:
    """Write paper forms, A4 in three languages, for the day that tablets fail: open one in a browser and print it.

    Example: `kobo-crc forms print intake referral_followup`
    """
    from kobo_crc.rollout import papers

    for path in papers(settings_of(folder), forms or (), into):
        say(f"  wrote {path}")


@commands.command("dictionary")
def forms_dictionary(folder: Folder = HERE) -> None:
    """Print the data dictionary: every table and column, and the question that fills it.

    Example: `kobo-crc forms dictionary > dictionary.md`
    """
    from kobo_crc.rollout import dictionary_of

    say(dictionary_of(settings_of(folder)))
