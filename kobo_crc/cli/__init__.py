"""The command line: words in, exit code out. The only room that prints and exits.

Heavy parts are imported inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import sys
from types import ModuleType

from kobo_crc.cli import (
    backup,
    cards,
    earlier,
    exports,
    figures,
    findings,
    forms,
    keeping,
    nightly,
    people,
    person,
    practice,
    proof,
    referrals,
    replies,
    schedule,
    setup,
    store,
    tablets,
    vault,
    worklist,
)
from kobo_crc.cli.app import app
from kobo_crc.cli.crash import told
from kobo_crc.cli.words import say
from kobo_crc.errors import CrcError

__all__ = ["app", "main"]
STOPPED = 130
# As --help lists them. A module with a name is a group of commands; the others' commands stand for themselves.
PANELS: dict[str, list[tuple[ModuleType, str]]] = {
    "To begin": [(setup, ""), (vault, ""), (forms, "forms"), (cards, ""), (schedule, "schedule"), (store, "store")],
    "Every night, and the morning after": [(nightly, ""), (findings, ""), (tablets, "")],
    "Referrals": [(referrals, "referral"), (worklist, ""), (replies, "replies")],
    "Figures and files for others": [(figures, ""), (exports, "export")],
    "What is held of people": [(person, "person"), (people, "people"), (keeping, "")],
    "Can it be trusted?": [(proof, ""), (backup, ""), (earlier, "")],
    "Training": [(practice, "")],
}
for panel, rooms in PANELS.items():
    for module, name in rooms:
        for each in (*module.commands.registered_commands, *module.commands.registered_groups):
            each.rich_help_panel = "" if name else panel
        app.add_typer(module.commands, name=name or None, rich_help_panel=panel)


def main() -> None:
    """Run the command line; a fault is one sentence on standard error and exit code 1, Ctrl+C one and exit code 130."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Windows consoles otherwise refuse Arabic
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except CrcError as fault:
        say(str(fault), error=True)
        sys.exit(1)
    except BrokenPipeError:  # the reader, `head` for instance, has seen enough
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        cause = f"{error.filename or 'The disk'}: {error.strerror or type(error).__name__}"
        say(f"{cause}. Please check the folder and the free space, and run again; nothing was lost.", error=True)
        sys.exit(1)
    except SystemExit as leaving:
        if leaving.code == STOPPED:  # what typer makes of Ctrl+C, without a word
            say("Stopped by hand. Nothing is half written; please give the command again to go on.", error=True)
        raise
    except Exception as error:  # Python's own report would quote its words, and these a person's
        say(told(error), error=True)
        sys.exit(1)
