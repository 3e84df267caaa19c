"""The committed workbooks in pyxform 3.0.0, which a server may still run: it takes them, and warns of nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.translation_review import FORMS, ROOT

OLD = Path(sys.prefix) / "pyxform-3.0.0"
CONVERT = """
import json, sys
from pyxform import __version__
from pyxform.xls2xform import convert
warnings = []
xform = convert(sys.argv[1], warnings=warnings).xform
print(json.dumps([__version__, warnings, xform]))
"""


@pytest.mark.parametrize("name", FORMS)
def test_workbook__pyxform_3__converts_without_a_warning(name: str) -> None:
    assert OLD.is_dir(), "Please run `make test` once: it puts pyxform 3.0.0 beside the newer one."
    workbook = str(ROOT / "forms" / "xlsx" / f"{name}.xlsx")
    environment = os.environ | {"PYTHONPATH": str(OLD)}
    done = subprocess.run([sys.executable, "-c", CONVERT, workbook], capture_output=True, check=True, env=environment)
    version, warnings, xform = json.loads(done.stdout)
    assert (version, warnings) == ("3.0.0", [])
    assert f'id="{name}"' in xform
