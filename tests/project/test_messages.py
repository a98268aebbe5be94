"""The tutorial's first API."""

from __future__ import annotations

import pytest

from portico.testing import Client


def test_a_message_is_answered(project: Client) -> None:
    answer = project.operation("answerMessage", body={"text": "Hello!"})
    assert answer.status_code == 200
    assert answer.json() == {"text": "You said: Hello!"}


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": 1}, {"text": "x" * 501}, {"text": "hi", "more": 1}, [], None]
)
def test_a_message_that_does_not_fit_is_refused(project: Client, body: object) -> None:
    answer = project.post("/messages/v1/messages", json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_the_longest_message_is_answered(project: Client) -> None:
    assert project.operation("answerMessage", body={"text": "x" * 500}).status_code == 200


def test_a_message_in_another_media_type_is_refused(project: Client) -> None:
    answer = project.post("/messages/v1/messages", content="hi", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
