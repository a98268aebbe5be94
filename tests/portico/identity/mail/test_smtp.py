"""Mails to a real mail server, with and without TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aiosmtpd.smtp import SMTP
from tests.portico.identity.mail.conftest import SENDER, Certificate, MailServer, PostOffice, believing

from portico import config
from portico.identity.mail import Kind, Mail, MailRefused, MailUnsent
from portico.identity.mail.smtp import Smtp
from portico.secret import Secret

MAIL = Mail(
    id="0f" * 16,
    kind=Kind.PASSWORD_CHANGED,
    to="ada@example.com",
    subject="Grüße\r\nBcc: eve@example.com",
    text="Hello Ada,\n\n.\nthis is not the end.\n",
    html="<p>Hello</p>",
    at=1_800_000_000.0,
)


@contextmanager
def serving(controller: MailServer, scheme: str, *, user: str = "") -> Iterator[config.Mail]:
    controller.start()
    try:
        yield config.Mail(server=Secret(f"{scheme}://{user}localhost:{controller.port}"), sender=SENDER)
    finally:
        controller.stop()


async def test_a_message_has_its_headers_and_both_forms(smtp_server: config.Mail, post_office: PostOffice) -> None:
    await Smtp(smtp_server).send(MAIL)
    [(to, message)] = post_office.mails
    assert to == "ada@example.com"
    assert message["Subject"] == "Grüße Bcc: eve@example.com"
    assert message["Bcc"] is None
    assert message["From"] == SENDER
    assert message["Message-ID"] == f"<{'0f' * 16}@archway.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == MAIL.text
    assert "<p>Hello</p>" in html.get_content()


async def test_starttls_comes_before_the_password(certificate: Certificate, post_office: PostOffice) -> None:
    controller = MailServer(
        post_office,
        tls_context=certificate.server,
        require_starttls=True,
        auth_required=True,
        authenticator=post_office.authenticate,
    )
    with serving(controller, "smtp+starttls", user="shop:p%40ss%20word@") as settings:
        await believing(settings, certificate).send(MAIL)
    assert post_office.logins == [(b"shop", b"p@ss word")]
    assert len(post_office.mails) == 1


async def test_tls_from_the_first_byte(certificate: Certificate, post_office: PostOffice) -> None:
    controller = MailServer(post_office, ssl_context=certificate.server)
    with serving(controller, "smtps") as settings:
        await believing(settings, certificate).send(MAIL)
    assert len(post_office.mails) == 1


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    certificate: Certificate, post_office: PostOffice, scheme: str
) -> None:
    if scheme == "smtps":
        controller: MailServer = MailServer(post_office, ssl_context=certificate.server)
    else:
        controller = MailServer(post_office, tls_context=certificate.server)
    with serving(controller, scheme) as settings, pytest.raises(MailUnsent):
        await Smtp(settings).send(MAIL)
    assert post_office.mails == []


async def test_a_server_that_hides_starttls_gets_neither_password_nor_mail(post_office: PostOffice) -> None:
    controller = MailServer(post_office, authenticator=post_office.authenticate)
    with serving(controller, "smtp+starttls", user="shop:p%40ss%20word@") as settings, pytest.raises(MailUnsent):
        await Smtp(settings).send(MAIL)
    assert post_office.logins == []
    assert post_office.mails == []


async def test_a_wrong_password_is_tried_again_and_never_told(
    certificate: Certificate, post_office: PostOffice
) -> None:
    controller = MailServer(
        post_office,
        tls_context=certificate.server,
        authenticator=post_office.authenticate,
    )
    with serving(controller, "smtp+starttls", user="shop:hunter2@") as settings, pytest.raises(MailUnsent) as caught:
        await believing(settings, certificate).send(MAIL)
    assert "hunter2" not in str(caught.value)


class Picky(PostOffice):
    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: object, _envelope: object, address: str, _options: object
    ) -> str:
        return f"550 {address} is not known"


async def test_an_unknown_recipient_is_for_good_and_is_not_named() -> None:
    with serving(MailServer(Picky()), "smtp") as settings, pytest.raises(MailRefused) as caught:
        await Smtp(settings).send(MAIL)
    assert "ada" not in str(caught.value)


async def test_no_server_at_all_is_tried_again() -> None:
    settings = config.Mail(server=Secret("smtp://localhost:1"), sender=SENDER)
    with pytest.raises(MailUnsent):
        await Smtp(settings).send(MAIL)
