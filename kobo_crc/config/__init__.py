"""The settings file, the pipeline files and the tokens: read once, checked, frozen. Nothing else reads the environment.

A wrong file is one ConfigError that names file, key and remedy. A token never stands in a file of settings.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from kobo_crc.addresses import LOOPBACK, STORE_PASSWORD, database, server
from kobo_crc.config.secrets import (
    VAULT_KEY,
    centre_password_name,
    kept_in,
    kept_password,
    password_name,
    reply_password,
    secret,
    secrets_of,
)
from kobo_crc.disclosure import SMALLEST
from kobo_crc.errors import ConfigError
from kobo_crc.schema.tables import Pii
from kobo_crc.tomlfile import TOKEN, checked, read_toml

__all__ = [
    "LOOPBACK",
    "SETTINGS_FILE",
    "STEPS",
    "TOKEN",
    "USUAL_STEPS",
    "VAULT_KEY",
    "Pipeline",
    "Project",
    "Settings",
    "Step",
    "centre_password_name",
    "checked",
    "kept_in",
    "kept_password",
    "load_pipeline",
    "load_settings",
    "password_name",
    "read_toml",
    "reply_password",
    "secret",
    "secrets_of",
    "settings_template",
]
SETTINGS_FILE = "kobo_crc.toml"
_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
Step = Literal["pull", "load", "attachments", "derive", "publish", "report", "worklists"]
STEPS: tuple[Step, ...] = ("pull", "load", "attachments", "derive", "publish", "report", "worklists")
USUAL_STEPS: tuple[Step, ...] = ("pull", "load", "derive", "report", "worklists")


def _below_settings(path: Path, info: ValidationInfo) -> Path:
    """Relative paths belong to the settings file's folder, wherever the command was started."""
    if re.match(r"[A-Za-z]{2,}[A-Za-z+0-9]*:", str(path)):
        raise ValueError("should be a file or folder; a database server is named in `store_url`")
    folder: Path = (info.context or {}).get("folder", Path())
    return (folder / path).absolute()


ServerUrl = Annotated[str, AfterValidator(server)]
DatabaseUrl = Annotated[str, AfterValidator(database)]
Place = Annotated[Path, AfterValidator(_below_settings)]
Months = Annotated[int, Field(ge=0, le=1200)]
Word = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Settings(BaseModel):
    """The settings of one installation. Places are absolute; each field's description stands in the template."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    server_url: ServerUrl = Field(
        description="The KoboToolbox server, as in the browser's address bar: https://kf.kobotoolbox.org (global), "
        "https://eu.kobotoolbox.org (European Union), or your organisation's own.",
        examples=["https://kf.kobotoolbox.org"],
    )
    store: Place = Field(
        default=Path("store.db"), description="The referral store: rows without names or phone numbers."
    )
    vault: Place = Field(
        default=Path("vault.db"),
        description="The vault: every submission as it came, with names and phones, sealed under a key that "
        "`kobo-crc vault init` makes. Let fewer people read it than the store.",
    )
    store_url: DatabaseUrl = Field(
        default="",
        description="A PostgreSQL database in place of the two files above, such as "
        "postgresql://crc_night@db.example.org/crc?sslmode=verify-full. Its password never stands here, but in the "
        f"environment variable {STORE_PASSWORD}, the secrets folder, or PGPASSFILE.",
    )
    report: Place = Field(default=Path("report"), description="The folder that the nightly report is written to.")
    worklists: Place = Field(
        default=Path("worklists"),
        description="The folder of the nightly worklists. What lies in its folders centres and partners is replaced "
        "every night.",
    )
    replies: Place = Field(
        default=Path("replies"), description="The folder of the workbooks for receivers, each under its password."
    )
    forms: Place = Field(default=Path("forms"), description="The folder of the forms.")
    pipelines: Place = Field(
        default=Path("pipelines"), description="The folder of the pipeline files, such as nightly.toml."
    )
    deployed: Place = Field(
        default=Path("deployed.toml"),
        description="Which form is which project on the server; `kobo-crc deploy` writes it, and you may.",
    )
    secrets: Place = Field(
        default=Path("secrets"),
        description="A folder for the files kobo_crc_token and kobo_crc_vault_key, looked into when the environment "
        "has neither. Best on another disk than the vault.",
    )
    logs: Place = Field(
        default=Path("logs"),
        description="The folder of the runs' logs; a log begins anew at a megabyte, five are kept.",
    )
    language: Literal["ar", "ckb", "en"] = Field(
        default="ar", description="The language of reports and of the problems' texts: ar, ckb or en."
    )
    time_zone: str = Field(
        default="Asia/Baghdad", description="The time zone in which days begin, in reports and deadlines."
    )
    opening_hours: str = Field(
        default="08:00-16:00",
        description="When centres work, Sunday to Thursday, holidays excepted. Tablets get no new lists then, nor in "
        "the hours that the directory tells of a centre.",
    )
    small_below: int = Field(
        default=5,
        ge=SMALLEST,
        le=50,
        description="Published counts of people below this are shown as <5; at least 3. Whoever answers for "
        "data protection should decide on any number but 5.",
    )
    rounded_to: int = Field(
        default=5, ge=SMALLEST, le=50, description="Published counts of people are multiples of this; at least 3."
    )
    connect_timeout_s: float = Field(
        default=10, gt=0, le=300, description="Seconds to wait for the server to take a call."
    )
    read_timeout_s: float = Field(
        default=130, gt=0, le=3600, description="Seconds to wait for an answer; the server itself gives up after 120."
    )
    retries: int = Field(
        default=5, ge=0, le=20, description="How often a failed question to the server is asked again."
    )
    page_size: int = Field(
        default=1000,
        ge=1,
        le=30000,
        description="Submissions asked for at a time. Make it smaller on a slow line; servers cap it at about 1000.",
    )

    keep_people_months: Months = Field(
        default=0,
        description="Months after which `kobo-crc retention` erases a person: counted from the last submission that "
        "names them or tells of their referrals, never while a referral is open. 0 keeps for good. No source gives a "
        "number, and none is proposed here: whoever answers for data protection has to decide on each of these.",
    )
    keep_unnamed_months: Months = Field(
        default=0,
        description="The same of submissions that name no card: people who stayed unknown, forms of your own.",
    )
    keep_sessions_months: Months = Field(
        default=0, description="The same of group sessions, with the cards of those who came."
    )
    keep_feedback_months: Months = Field(
        default=0, description="The same of complaints and feedback, from the day they were closed; never while open."
    )
    keep_told_months: Months = Field(
        default=0,
        description="The same of who was told of whom in letters, lists, exports and handovers, from the last telling; "
        "never while the person or the referral is held here, so that an erasure can say whom to ask to destroy it.",
    )
    keep_deleted_days: int = Field(
        default=0,
        ge=0,
        le=36500,
        description="Days after which what a submission said is shredded once it was deleted in KoboToolbox. That it "
        "was there and was deleted stays known. 0 keeps for good.",
    )
    keep_decided_by: str = Field(
        default="",
        description="Who decided on the months and days above, and when: a role and a date, such as 'Data protection "
        "focal point, 2026-11-01'. Asked for as soon as one of them is set; stands in the audit.",
    )

    @field_validator("opening_hours")
    @classmethod
    def _opens_first(cls, hours: str) -> str:
        opens_at, _, closes_at = hours.partition("-")
        if not _HOURS.fullmatch(hours) or opens_at >= closes_at:
            raise ValueError("should be from when until when, such as 08:00-16:00")
        return hours

    mail_server: str = Field(
        default="",
        description="The server that sends a summary when a run fails or work is overdue, such as smtp.example.org; "
        "empty for none. It holds no personal data. The password is KOBO_CRC_MAIL_PASSWORD; to call a web address too, "
        "set KOBO_CRC_WEBHOOK_URL. Both go where the token goes, never here.",
    )
    mail_port: int = Field(default=587, ge=1, le=65535, description="The port of that server.")
    mail_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How that server is spoken to: starttls (usually port 587), tls (465), or none, on this computer.",
    )
    mail_user: str = Field(default="", description="The account at that server; empty when it asks for none.")
    mail_from: str = Field(default="", description="The address that summaries come from.")
    mail_to: str = Field(default="", description="Who gets them: addresses with commas between.")

    @field_validator("mail_security")
    @classmethod
    def _mail_is_safe(cls, security: str, info: ValidationInfo) -> str:
        server = info.data.get("mail_server")
        if server and security == "none" and server not in LOOPBACK:
            raise ValueError("should be starttls or tls, because the password travels over the network")
        return security

    @field_validator("mail_from", "mail_to")
    @classmethod
    def _mail_has_addresses(cls, text: str, info: ValidationInfo) -> str:
        if info.data.get("mail_server") and not all("@" in one for one in text.split(",")):
            raise ValueError("should be an address such as data@example.org, because mail_server is given")
        return text

    @field_validator("keep_decided_by")
    @classmethod
    def _somebody_decided(cls, who: str, info: ValidationInfo) -> str:
        if not who.strip() and any(value for name, value in info.data.items() if name.startswith("keep_")):
            raise ValueError("should say who decided on the months and days that data is kept, and when")
        return who.strip()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (OSError, ValueError, LookupError):
            raise ValueError("should be a time zone's name, such as Asia/Baghdad") from None
        return name


class Project(BaseModel):
    """One KoboToolbox account that holds the forms: a centre's, a partner's, or the only one.

    `token` is the name of an environment variable, `assets` maps a form to its project's uid on the server,
    for forms that `kobo-crc deploy` did not put there. `centres` are the codes of the centres that send to it; none
    means that any may.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Word
    server_url: ServerUrl | None = None
    token: str = Field(default=TOKEN, pattern=r"^[A-Z][A-Z0-9_]*$")
    centres: tuple[Word, ...] = ()
    assets: dict[str, Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+$")]] = {}


class Pipeline(BaseModel):
    """What one run does: which forms, from which projects, in which steps. `name` is the file's stem.

    `accept_deletions` is the share (0 to 1) of a project's submissions that may vanish between two runs unquestioned;
    up to 20 always may; `accept_shorter_lists` is the same for the rows of a list that tablets look things up in.
    `hold_doubtful` puts submissions with answers to correct on hold on the server. For
    `full_sweep_days` after a complete sweep the server's history stands in for one, 0 being a sweep every night. No
    request begins later than `at_most_minutes` after the run did. `attachments` are the privacy classes of questions
    whose files are fetched; a file that the server does not give is asked for again for `attachment_days` days.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    name: str
    title: Word
    forms: tuple[Word, ...] = Field(min_length=1)
    steps: tuple[Step, ...] = Field(default=USUAL_STEPS, min_length=1)
    accept_deletions: float = Field(default=0.05, ge=0, le=1)
    accept_shorter_lists: float = Field(default=0.5, ge=0, le=1)
    hold_doubtful: bool = False
    full_sweep_days: int = Field(default=0, ge=0, le=31)
    at_most_minutes: float = Field(default=360, gt=0, le=1440)
    attachments: tuple[Pii, ...] = ()
    attachment_days: int = Field(default=30, ge=0, le=3650)
    projects: tuple[Project, ...] = (Project(name="main"),)

    @field_validator("forms")
    @classmethod
    def _each_form_once(cls, forms: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(forms)) < len(forms):
            raise ValueError("should name each form once")
        return forms

    @field_validator("steps")
    @classmethod
    def _steps_in_order(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        if list(steps) != [step for step in STEPS if step in steps]:
            raise ValueError(f"should be in the order {', '.join(STEPS)}, each at most once")
        return steps

    @field_validator("attachments")
    @classmethod
    def _attachments_asked_for(cls, classes: tuple[Pii, ...], info: ValidationInfo) -> tuple[Pii, ...]:
        asked = "attachments" in info.data.get("steps", ())
        if asked and not classes:
            raise ValueError('should list privacy classes, such as ["none", "quasi"], because steps has attachments')
        if classes and not asked:
            raise ValueError("should be left out, or steps should have attachments after load")
        return classes

    @field_validator("projects")
    @classmethod
    def _projects_fit(cls, projects: tuple[Project, ...], info: ValidationInfo) -> tuple[Project, ...]:
        names = [project.name for project in projects]
        if not names or len(set(names)) < len(names):
            raise ValueError("should give each project a name of its own")
        unknown = {form for project in projects for form in project.assets} - set(info.data.get("forms", ()))
        if unknown and "forms" in info.data:
            raise ValueError(f"should have assets only for the forms above, not for {', '.join(sorted(unknown))}")
        return projects


def load_settings(path: Path = Path(SETTINGS_FILE)) -> Settings:
    """The settings of that file. Raises ConfigError."""
    if not path.is_file():
        raise ConfigError(
            f"There is no settings file {path.absolute()}. Please go to the folder that holds it, "
            "or run `kobo-crc init` in an empty folder to make one."
        )
    return checked(Settings, read_toml(path), path, folder=path.absolute().parent)


def load_pipeline(settings: Settings, name: str) -> Pipeline:
    """The pipeline of the file NAME.toml in the pipelines folder. Raises ConfigError."""
    known = sorted(file.stem for file in settings.pipelines.glob("*.toml"))
    if name not in known:
        raise ConfigError(
            f"There is no pipeline {name} in {settings.pipelines}. Please name one of: {', '.join(known) or '(none)'}."
        )
    path = settings.pipelines / f"{name}.toml"
    return checked(Pipeline, {**read_toml(path), "name": name}, path)


def settings_template() -> str:
    """A settings file with a comment above each key; keys left at their default are commented out."""
    head = (
        "# Settings of kobo_crc. Lines that begin with # are comments; remove the # before a key to change it.\n"
        "# Paths are relative to this file; write Windows paths in 'single quotes'.\n"
        f"# The token never stands here: set the environment variable {TOKEN}, or save it as secrets/{TOKEN.lower()}.\n"
    )
    return head + "".join(f"\n{_template_entry(name)}\n" for name in Settings.model_fields)


def _template_entry(name: str) -> str:
    field = Settings.model_fields[name]
    comment = textwrap.fill(field.description or "", 110, initial_indent="# ", subsequent_indent="# ")
    if field.is_required():
        return f'{comment}\n{name} = "{(field.examples or [""])[0]}"'
    value = field.default if isinstance(field.default, int | float) else f'"{field.default}"'
    return f"{comment}\n# {name} = {value}"
