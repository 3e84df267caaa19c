"""Everything the simulated server knows: users, projects, clock, settings. Held in memory, gone when it stops."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kobo_crc.simulator.accounts import Accounts, User
from kobo_crc.simulator.content import Content, expand, read_xlsx
from kobo_crc.simulator.faults import Faults
from kobo_crc.simulator.history import Entry
from kobo_crc.simulator.ids import Ids
from kobo_crc.simulator.projects import Project
from kobo_crc.simulator.web import Call

Clock = Callable[[], datetime]
TOKENS = {"alice": "a1" * 20, "bob": "b0" * 20, "kobo_admin": "ad" * 20}
TOKEN = TOKENS["alice"]


def system_clock() -> datetime:
    """Return the time now, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How the server behaves: `page_limit` is the silent cut of `limit`, `public_url` the host in attachment links.

    An import is told to be `processing` for the first `import_polls` looks.
    """

    public_url: str
    page_limit: int = 1000
    seed: int = 1
    clock: Clock = system_clock
    import_polls: int = 0


class World:
    """The state of one simulated server."""

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.offset = timedelta()
        self.reset()

    def reset(self) -> None:
        """Forget everything and start again from the seed."""
        self.ids = Ids(self.settings.seed)
        people = [(name, self.ids.uid("u"), token) for name, token in TOKENS.items()]
        self.accounts = Accounts(User(name, uid, token, name, name == "kobo_admin") for name, uid, token in people)
        self.projects: dict[str, Project] = {}
        self.imports: dict[str, dict[str, Any]] = {}
        self.faults = Faults()
        self.offset = timedelta()
        self._last_submission = 0
        self._last_form = 0

    def now(self) -> datetime:
        """Return the server's time: the clock's, moved by the control endpoint."""
        return self.settings.clock() + self.offset

    def stamp(self) -> str:
        """Return the time as the server writes it, such as `2026-11-23T13:28:56.589428Z`."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def next_submission_id(self) -> int:
        """Return the next `_id`: one sequence for all projects, with gaps."""
        self._last_submission += 1
        return self._last_submission

    def next_form_number(self) -> int:
        """Return the number under which tablets fetch a newly deployed form."""
        self._last_form += 1
        return self._last_form

    def add_project(self, owner: User, name: str, content: Content, kind: str = "survey") -> Project:
        """Create a project that is not yet deployed."""
        project = Project(self.ids.uid("a"), name, owner, kind, self.stamp(), self.ids)
        project.save(content, self.stamp())
        self.projects[project.uid] = project
        return project

    def add_xlsform(self, raw: bytes, name: str, username: str = "alice") -> Project:
        """Create a project from the bytes of an xlsx form, without the import's HTTP requests."""
        content = expand(read_xlsx(raw), self.ids)
        return self.add_project(self.accounts.by_name[username], name, content)

    def load(self, project: Project, rows: Iterable[dict[str, Any]]) -> None:
        """Load ready-made records one by one (see Project.load), giving those without `_id` the next ones."""
        project.load(row if "_id" in row else {"_id": self.next_submission_id()} | row for row in rows)
        self._last_submission = max(self._last_submission, project.store.ids[-1] if project.store.ids else 0)

    def log(self, project: Project, call: Call, action: str, **details: Any) -> None:
        """Write a line of the project's history."""
        metadata = {
            "source": call.source,
            "asset_uid": project.uid,
            "ip_address": "127.0.0.1",
            "log_subtype": "project",
            "project_owner": project.owner.name,
        }
        username = call.user.name if call.user else "AnonymousUser"
        project.history.append(Entry(action, username, self.now().strftime("%Y-%m-%dT%H:%M:%SZ"), metadata | details))
