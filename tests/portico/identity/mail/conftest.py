"""Mailers of every kind, and what reached the people they write to."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portico import config
from portico.identity.audit import AuditLog
from portico.identity.mail import Mailer, MemoryMailer
from portico.identity.mail.smtp import Smtp
from portico.identity.pool import Pool
from portico.identity.triggers import Triggers
from portico.secret import Secret

SENDER = "Archway Flowers <no-reply@archway.example>"


@dataclass
class PostOffice:
    """A mail server's memory, and how it answers."""

    answer: str = "250 OK"
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_DATA(self, _server: object, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.mails += [(to, message) for to in envelope.rcpt_tos]
        return self.answer

    def authenticate(self, _server: object, _session: object, _envelope: object, _how: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss word")


class MailServer(Controller):
    """Listens on a free port of this machine."""

    def __init__(self, office: PostOffice, **options: object) -> None:
        super().__init__(office, hostname="127.0.0.1", port=0, **options)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def post_office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def smtp_server(post_office: PostOffice) -> Iterator[config.Mail]:
    """A mail server without TLS, on this machine."""
    controller = MailServer(post_office)
    controller.start()
    yield config.Mail(server=Secret(f"smtp://127.0.0.1:{controller.port}"), sender=SENDER)
    controller.stop()


@pytest.fixture
def audit(pool: Pool) -> AuditLog:
    return AuditLog(pool)


@pytest.fixture
def triggers() -> Triggers:
    return Triggers()


@pytest.fixture
def mailer(pool: Pool, triggers: Triggers, audit: AuditLog) -> MemoryMailer:
    return MemoryMailer(pool, triggers=triggers, audit=audit)


@pytest.fixture
def smtp_mailer(pool: Pool, triggers: Triggers, audit: AuditLog, smtp_server: config.Mail) -> Mailer:
    return Mailer(pool, config=smtp_server, triggers=triggers, audit=audit)


@dataclass(frozen=True)
class Certificate:
    """Of "localhost", signed by itself."""

    server: ssl.SSLContext
    client: ssl.SSLContext  # believes it


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _contexts(folder, made, key)


def _contexts(folder: Path, made: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Certificate:
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return Certificate(server, ssl.create_default_context(cafile=str(folder / "cert.pem")))


Reached = Callable[[], list[tuple[str, str, str]]]
"""Gives (recipient, subject, text) of what has arrived."""


@pytest.fixture(params=["memory", "terminal", "smtp"])
async def any_mailer(
    request: pytest.FixtureRequest, pool: Pool, triggers: Triggers, audit: AuditLog, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[tuple[Mailer, Reached]]:
    """Each mailer there is, and how to see what it sent."""
    if request.param == "memory":
        memory = MemoryMailer(pool, triggers=triggers, audit=audit)
        yield memory, lambda: [(mail.to, mail.subject, mail.text) for mail in memory.memory.mails]
    elif request.param == "terminal":
        yield Mailer(pool, config=config.Mail(), triggers=triggers, audit=audit), lambda: _framed(capsys)
    else:
        office: PostOffice = request.getfixturevalue("post_office")
        settings: config.Mail = request.getfixturevalue("smtp_server")
        yield Mailer(pool, config=settings, triggers=triggers, audit=audit), lambda: _received(office)


def _received(office: PostOffice) -> list[tuple[str, str, str]]:
    found = []
    for to, message in office.mails:
        text = message.get_body(("plain",))
        assert text is not None
        found.append((to, str(message["Subject"]), text.get_content()))
    return found


def _framed(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str, str]]:
    found = []
    for frame in capsys.readouterr().err.split("┌─ mail")[1:]:
        to, subject, _, *text = [line[2:] for line in frame.splitlines()[1:-1]]
        found.append((to.removeprefix("To: "), subject.removeprefix("Subject: "), "\n".join(text)))
    return found


def believing(settings: config.Mail, certificate: Certificate) -> Smtp:
    return Smtp(settings, tls=certificate.client)
