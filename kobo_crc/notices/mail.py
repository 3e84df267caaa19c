"""A summary by e-mail: over TLS, with a password that stands where tokens do."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from typing import Final

from kobo_crc.config import Settings, kept_password
from kobo_crc.config.secrets import MAIL_PASSWORD
from kobo_crc.errors import ConfigError

PATIENCE_SECONDS: Final = 30


def send(settings: Settings, subject: str, body: str) -> None:
    """Send it to everyone of `mail_to`; nothing without a `mail_server`. ConfigError when it cannot be sent."""
    if not settings.mail_server:
        return
    try:
        with _connected(settings) as server:
            _log_in(server, settings)
            server.send_message(_message(settings, subject, body))
    except (smtplib.SMTPException, OSError) as error:
        code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
        raise ConfigError(
            f"The summary could not be mailed by {settings.mail_server} ({type(error).__name__}{code}). Please check "
            f"mail_server, mail_port, mail_security and mail_user in kobo_crc.toml, and {MAIL_PASSWORD}."
        ) from error


def _connected(settings: Settings) -> smtplib.SMTP:
    trust = ssl.create_default_context()
    if settings.mail_security == "tls":
        return smtplib.SMTP_SSL(settings.mail_server, settings.mail_port, timeout=PATIENCE_SECONDS, context=trust)
    server = smtplib.SMTP(settings.mail_server, settings.mail_port, timeout=PATIENCE_SECONDS)
    if settings.mail_security == "starttls":
        server.starttls(context=trust)
    return server


def _log_in(server: smtplib.SMTP, settings: Settings) -> None:
    if not settings.mail_user:
        return
    password = kept_password(MAIL_PASSWORD, settings.secrets)
    if password is None:
        raise ConfigError(
            f"There is no password for mail_user. Please set {MAIL_PASSWORD}, or save it as "
            f"{settings.secrets / MAIL_PASSWORD.lower()}."
        )
    server.login(settings.mail_user, password.get_secret_value())


def _message(settings: Settings, subject: str, body: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, settings.mail_to, subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message
