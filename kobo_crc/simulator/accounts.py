"""The users of the simulated server and how a request proves who it is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class User:
    """One account; an administrator may do everything in every project."""

    name: str
    uid: str
    token: str = field(repr=False)
    password: str = field(repr=False)
    is_admin: bool = False


class WrongCredentials(Exception):
    """The request named a token or password that the server does not know."""


class Accounts:
    """The accounts by name, token and password."""

    def __init__(self, users: Iterable[User]) -> None:
        self.by_name = {user.name: user for user in users}

    def authenticate(self, authorization: str) -> User | None:
        """Return the user of an Authorization header, None when it names no known scheme (Bearer is ignored).

        Raises WrongCredentials for an unknown token or a wrong password.
        """
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() == "token":
            return self._by_token(rest.strip())
        if scheme.lower() == "basic":
            return self._by_password(rest.strip())
        return None

    def _by_token(self, token: str) -> User:
        for user in self.by_name.values():
            if user.token == token:
                return user
        raise WrongCredentials("Invalid token.")

    def _by_password(self, encoded: str) -> User:
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise WrongCredentials("Invalid basic header.") from None
        user = self.by_name.get(name)
        if user is None or user.password != password:
            raise WrongCredentials("Invalid username/password.")
        return user
