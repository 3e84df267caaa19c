"""The addresses that settings may hold: a KoboToolbox server's and a PostgreSQL database's. Connects to neither."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

STORE_PASSWORD = "KOBO_CRC_STORE_PASSWORD"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
POSTGRESQL = {"postgresql", "postgres"}
# How libpq may be told to encrypt so that it never falls back to plain text.
ENCRYPTED = {"require", "verify-ca", "verify-full"}


def server(url: str) -> str:
    """The address of a KoboToolbox server. ValueError that says what it should be."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("should be the server's address alone, such as https://kf.kobotoolbox.org")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("should begin with https, because the token and people's answers travel over it")
    return url.rstrip("/")


def database(url: str) -> str:
    """The address of a PostgreSQL database, or "" for none. ValueError that never repeats what was found: a password
    may be in it."""
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        named = parts.scheme in POSTGRESQL and len(parts.path) > 1 and (parts.port or True)
    except ValueError:
        named = False
    if url and not named:
        raise ValueError("should be like postgresql://crc_night@db.example.org/crc?sslmode=verify-full")
    if url and (parts.password is not None or "password" in query):
        raise ValueError(
            f"should not hold the password, which others may read here; save it as secrets/{STORE_PASSWORD.lower()} "
            f"or in {STORE_PASSWORD}, and change it if anyone saw this file"
        )
    if url and not is_local(url) and query.get("sslmode", ["require"])[-1] not in ENCRYPTED:
        raise ValueError("should have sslmode=verify-full or require, because people's answers travel over it")
    return url.replace("postgres://", "postgresql://", 1)


def is_local(url: str) -> bool:
    """Whether the database is on this computer: over a socket, or a loopback address."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    hosts = [parts.hostname] if parts.hostname else query.get("host", [])
    hosts += query.get("hostaddr", [])
    return all(host in LOOPBACK or host.startswith("/") for host in hosts)
