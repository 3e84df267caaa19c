"""A TOML file read into a model: every finding in plain words, and never a secret in it."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from kobo_crc.errors import ConfigError
from kobo_crc.textfile import read_utf8

TOKEN = "KOBO_CRC_TOKEN"
SECRET_KEYS = re.compile(r"(^|_)(token|password|secret)$")

# pydantic's own words for these are a programmer's.
_SHAPES: Final = {
    "int_parsing": "a whole number, without quotes",
    "int_from_float": "a whole number",
    "float_parsing": "a number, without quotes",
    "bool_parsing": "true or false, without quotes",
}

Model = TypeVar("Model", bound=BaseModel)


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dict; the mark that Windows editors put at the head is no error. Raises ConfigError."""
    try:
        return tomllib.loads(read_utf8(path, ConfigError))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path}: {error}. Please correct it there; texts stand in \"quotes\", Windows paths in 'single quotes'."
        ) from error


def checked(model: type[Model], data: dict[str, Any], path: Path, **context: Any) -> Model:
    """The data of that file as that model. Raises one ConfigError with every finding, without the values found."""
    _refuse_secrets(data, path)
    try:
        return model.model_validate(data, context=context)
    except ValidationError as error:
        found = "; ".join(_finding(model, details) for details in error.errors(include_url=False))
    raise ConfigError(f"{path}: {found}. Please correct the file.")


def _refuse_secrets(data: dict[str, Any], path: Path) -> None:
    for key in data:
        if SECRET_KEYS.search(key.lower()):
            raise ConfigError(
                f"{path}: `{key}` does not belong into this file, which others may read. Please remove it, make a new "
                f"token in KoboToolbox if anyone saw the file, and put it into the environment variable {TOKEN}."
            )


def _finding(model: type[BaseModel], details: Any) -> str:
    """One finding of pydantic in plain words: which key, and what it should be."""
    keys = [str(part) if isinstance(part, str) else str(part + 1) for part in details["loc"]]
    key = ".".join(keys)
    if details["type"] == "extra_forbidden":
        near = get_close_matches(keys[-1], _keys_of(model), n=1)
        return f"unknown key `{key}`" + (f" (did you mean `{near[0]}`?)" if near else "")
    if details["type"] == "missing":
        return f"the key `{key}` is missing"
    if key.endswith(".token"):
        return f"`{key}` should be the name of an environment variable in capital letters, never a token itself"
    if details["type"] in _SHAPES:
        return f"`{key}` should be {_SHAPES[details['type']]}"
    message = details["msg"].removeprefix("Value error, ")
    return f"`{key}` {message[0].lower()}{message[1:].replace('input should', 'should')}".replace(
        "input should", "should"
    )


def _keys_of(model: type[BaseModel]) -> list[str]:
    """Every key that the model and the models within it know."""
    schema = model.model_json_schema()
    return [key for part in (schema, *schema.get("$defs", {}).values()) for key in part.get("properties", ())]
