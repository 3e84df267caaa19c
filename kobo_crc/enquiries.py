"""What a data officer asks between two nights: open problems, how referrals stand, and where submissions are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from kobo_crc.casts import western_digits
from kobo_crc.codes import is_valid
from kobo_crc.config import Settings, load_pipeline
from kobo_crc.database.database import Database
from kobo_crc.errors import ConfigError
from kobo_crc.outputs import problem_list
from kobo_crc.problems import PROBLEMS
from kobo_crc.referrals import worklist
from kobo_crc.referrals.calendar import Calendar, calendar_of
from kobo_crc.referrals.history import History, history
from kobo_crc.rollout import forms_of
from kobo_crc.xlsform.findings import near
from kobo_crc.xlsform.lists import read_codes

# What people put between the digits of a number.
_SPACES = str.maketrans("", "", " -")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which open referrals to list: all that have the codes given, "" for any.

    A sensitive one shows no receiver, and so is on no list of a receiver.
    """

    overdue: bool = False
    centre: str = ""
    receiver: str = ""
    priority: str = ""

    def has(self, one: worklist.OpenReferral) -> bool:
        """Whether it is one of them."""
        asked = (self.centre, self.receiver, self.priority)
        codes = (one.centre_code, one.receiver_code, one.priority_code)
        fits = all(wanted in ("", code) for wanted, code in zip(asked, codes, strict=True))
        return fits and (one.outlook.overdue or not self.overdue)


def open_problems(settings: Settings, code: str = "") -> Iterator[problem_list.Listed]:
    """Every open problem in the settings' language; of one kind where `code` is given."""
    labels = problem_list.questions_of(forms_of(settings))
    with _store(settings) as connection:
        yield from problem_list.listed(connection, labels, settings.language, code=code)


def refuse_no_kind(code: str) -> None:
    """ConfigError for a kind of problem that there is not, with the nearest that there is; "" is any."""
    if code and code not in PROBLEMS:
        raise ConfigError(
            f"There is no kind of problem {code}.{near(code, PROBLEMS)} Please take one of those that "
            "`kobo-crc problems` counts at its end."
        )


def problem_counts(settings: Settings) -> dict[str, int]:
    """How many problems of each kind are open, most first."""
    with _store(settings) as connection:
        return problem_list.counts(connection)


def open_referrals(settings: Settings, now: datetime, wanted: Wanted) -> Iterator[worklist.OpenReferral]:
    """The open referrals that are wanted, the longest due first. `now` is UTC, without zone."""
    with _store(settings) as connection:
        for one in worklist.open_referrals(connection, _calendar(settings), now):
            if wanted.has(one):
                yield one


def referral(settings: Settings, now: datetime, number: str) -> History:
    """The referral of that number, typed in any digits, with or without spaces. ConfigError when there is none."""
    code = western_digits(number).translate(_SPACES)
    with _store(settings) as connection:
        found = history(connection, _calendar(settings), now, code)
    if found is None:
        wrong = "" if is_valid(code) else " Its last two digits do not fit the others: it may be mistyped."
        raise ConfigError(
            f"The store has no referral with this number.{wrong} Please look at the slip again, or wait for the next "
            "run if the referral is still on a tablet."
        )
    return found


def _calendar(settings: Settings) -> Calendar:
    return calendar_of(read_codes(settings.forms / "codes"))


def addresses(settings: Settings, server_id: int) -> list[str]:
    """Where submissions with that `_id` are opened for editing; the browser's own login at KoboToolbox is used.

    ConfigError when the store holds none.
    """
    with _store(settings) as connection:
        places = problem_list.places_of(connection, server_id)
    if not places:
        raise ConfigError(f"The store has no submission with _id {server_id}. Please take the _id from `problems`.")
    servers = _servers(settings)
    return [
        f"{servers.get(project, settings.server_url)}/api/v2/assets/{uid}/data/{server_id}/enketo/redirect/edit/"
        "?return_url=false"
        for project, uid in places
    ]


def _servers(settings: Settings) -> dict[str, str]:
    files = (load_pipeline(settings, path.stem) for path in sorted(settings.pipelines.glob("*.toml")))
    return {project.name: project.server_url or settings.server_url for file in files for project in file.projects}


@contextmanager
def _store(settings: Settings) -> Iterator[sa.Connection]:
    with Database.onlooking(settings) as database, database.reading() as connection:
        yield connection
