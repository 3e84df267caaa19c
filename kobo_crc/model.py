"""The frozen records that travel between rooms; they hold no behaviour beyond their own fields.

Those of which there are as many as submissions are tuples: frozen dataclasses take three times as long to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

# The validation status of a submission that a reviewer refused: it loads, and counts nowhere.
NOT_APPROVED: Final = "validation_status_not_approved"


@dataclass(frozen=True, slots=True)
class Problem:
    """A rejected or doubtful answer: a row of the table `problem`, never raised, never holding the answer's value.

    `path` is the question's place with repeat indexes, such as `referral[2]/service`; `detail` says what was expected.
    """

    code: str
    step: str
    submission_id: int
    path: str
    detail: str = ""


class Submission(NamedTuple):
    """One version of one submission as the server gave it.

    `payload` is the server's flat JSON (keys are group paths, repeats are lists); `root_uuid` is stable across edits,
    `uuid` changes with each edit; `submitted_at` is the server's UTC time, ISO 8601 without zone.
    """

    server_id: int
    root_uuid: str
    uuid: str
    form_version: str
    submitted_at: str
    validation_status: str
    payload: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"Submission(server_id={self.server_id}, uuid={self.uuid!r})"  # the answers never reach a log


# A row of a code table by column: code, labels, days of validity, what else the list has, and when it retired.
CodeValues = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GoneCode:
    """A code that its list no longer has, as the store last had it. It keeps its meaning for old answers."""

    list_name: str
    code: str
    values: CodeValues


@dataclass(frozen=True, slots=True)
class Origin:
    """Where submissions come from: which form, in which project, under which asset of the server."""

    form: str
    project: str
    asset_uid: str


class Landed(NamedTuple):
    """A landed version: what the vault holds as a submission's newest. `submission` is None for a deletion.

    `seen_at` is the UTC time of the pull that first saw it, `YYYY-MM-DD HH:MM:SS`.
    """

    submission_id: int
    version_id: int
    origin: Origin
    server_id: int
    root_uuid: str
    seen_at: str
    submission: Submission | None
