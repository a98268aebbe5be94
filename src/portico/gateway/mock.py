"""Placeholder until the mock lands."""


class MockResponder:  # noqa
    def __init__(self, api, operation): ...
