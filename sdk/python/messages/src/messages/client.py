"""The client of Messages. Written by `portico sdk`."""

# ruff: noqa: E501, F401, I001  (texts are as long as they are, and every module imports the same)

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, overload
from uuid import UUID

from . import operations as _operations
from ._runtime.absent import ABSENT, Absent
from ._runtime.client import Client
from ._runtime.options import Options
from ._runtime.payload import Upload
from ._runtime.streams import Download, EventStream, LineStream

if TYPE_CHECKING:
    from . import models


class Messages(Client):
    """Messages, version 1.0.0.

    Takes a message and gives one back.
    """

    _sdk_ = _operations.SDK

    if TYPE_CHECKING:

        @overload
        def answer_message(
            self,
            *,
            text: str,
            options: Options | None = None,
        ) -> models.Answer: ...

        @overload
        def answer_message(
            self,
            *,
            body: models.Message | Mapping[str, Any],
            options: Options | None = None,
        ) -> models.Answer: ...

    def answer_message(
        self,
        *,
        text: str | Absent = ABSENT,
        body: models.Message | Mapping[str, Any] | Absent = ABSENT,
        options: Options | None = None,
    ) -> models.Answer:
        """Answer a message.

        Sends a short text and receives the answer to it.

        Args:
            text: What is said.
            body: all of these properties at once.
            options: what is different for this call.

        Raises:
            BadRequest: The request does not fit this document; `errors` says where.
        """
        return self._call(_operations.answer_message, options, (), body, (text,))
