"""A pipeline's forms, from Markdown to the server: read, check, build, describe, deploy. Conducts; decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from kobo_crc.config import Project, Settings, load_pipeline
from kobo_crc.deploy import Deployed, Deployer, Outlook
from kobo_crc.errors import FormError
from kobo_crc.outputs.paper import write_paper
from kobo_crc.schema.derived import DERIVED
from kobo_crc.schema.facts import FACTS
from kobo_crc.schema.views import VIEWS
from kobo_crc.sources.http import client_of
from kobo_crc.xlsform.check import check
from kobo_crc.xlsform.dictionary import dictionary
from kobo_crc.xlsform.form import LANGUAGES, Form
from kobo_crc.xlsform.languages import suffixes
from kobo_crc.xlsform.lists import read_codes, read_same_as_arabic
from kobo_crc.xlsform.read import read_with
from kobo_crc.xlsform.write import write_xlsx


def forms_of(settings: Settings) -> list[Form]:
    """Every form of the forms folder, by name."""
    return _read(settings, sorted(settings.forms.glob("*.md")))


def _read(settings: Settings, paths: Iterable[Path]) -> list[Form]:
    lists = read_codes(settings.forms / "codes")
    return [read_with(path, lists) for path in paths]


def check_all(settings: Settings) -> list[str]:
    """The names of the forms, all of which check; FormError lists every finding otherwise."""
    forms = forms_of(settings)
    refuse_findings(settings, forms)
    return [form.name for form in forms]


def refuse_findings(settings: Settings, forms: list[Form]) -> None:
    """FormError with every finding of these forms, if there is one."""
    allowed = read_same_as_arabic(settings.forms / "codes")
    found = [f"{form.name}, {finding}" for form in forms for finding in check(form, FACTS, same_as_arabic=allowed)]
    if found:
        raise FormError("\n".join(found))


def build_all(settings: Settings) -> list[Path]:
    """Write every form as a workbook into `forms/xlsx`; returns the files."""
    folder = settings.forms / "xlsx"
    folder.mkdir(exist_ok=True)
    built = []
    for form in forms_of(settings):
        path = folder / f"{form.name}.xlsx"
        write_xlsx(form, path)
        built.append(path)
    return built


def papers(settings: Settings, names: Collection[str], folder: Path) -> Iterator[Path]:
    """Write paper forms in each language into the folder, of all forms or of those named; yields the files."""
    forms = _read(settings, [settings.forms / f"{name}.md" for name in names]) if names else forms_of(settings)
    for form in forms:
        languages = [code for code in LANGUAGES if code in suffixes(form.headers, form.settings)]
        yield from (write_paper(form, language, folder) for language in languages)


def dictionary_of(settings: Settings) -> str:
    """The data dictionary of all forms as Markdown."""
    return dictionary(forms_of(settings), FACTS, DERIVED, VIEWS)


@dataclass(frozen=True, slots=True)
class _Sending:
    """A form on its way to a project, as a workbook."""

    project: Project
    form: Form
    workbook: bytes
    deployer: Deployer


def preview(
    settings: Settings, pipeline: str, *, overwrite: bool = False, another: bool = False
) -> Iterator[tuple[str, str, Outlook]]:
    """What `roll_out` would do: yields project, form and the outlook. Refuses what it would refuse; nothing is sent."""
    for one in _sendings(settings, pipeline):
        if one.form.foreign:
            yield one.project.name, one.form.name, Outlook("foreign")
        else:
            outlook = one.deployer.look(one.form, one.workbook, overwrite=overwrite, another=another)
            yield one.project.name, one.form.name, outlook


def roll_out(
    settings: Settings, pipeline: str, *, overwrite: bool = False, another: bool = False
) -> Iterator[tuple[str, str, Deployed]]:
    """Deploy the pipeline's forms to each of its projects; yields project, form and what came of it.

    Every form is checked before the first one is sent. Someone else's form is left to them.
    """
    for one in _sendings(settings, pipeline):
        if not one.form.foreign:
            deployed = one.deployer.deploy(one.form, one.workbook, overwrite=overwrite, another=another)
            yield one.project.name, one.form.name, deployed


def _sendings(settings: Settings, pipeline: str) -> Iterator[_Sending]:
    file = load_pipeline(settings, pipeline)
    forms = _read(settings, [settings.forms / f"{name}.md" for name in file.forms])
    refuse_findings(settings, forms)
    workbooks = [(form, workbook_of(form)) for form in forms]
    for project in file.projects:
        deployer = Deployer(client_of(settings, project), project, settings.deployed)
        yield from (_Sending(project, form, workbook, deployer) for form, workbook in workbooks)


def workbook_of(form: Form) -> bytes:
    """The form's workbook, the same bytes for the same form."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{form.name}.xlsx"
        write_xlsx(form, path)
        return path.read_bytes()
