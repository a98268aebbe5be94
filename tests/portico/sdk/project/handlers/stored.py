"""What is there already: answers whose digits and names matter, so they are texts."""

from __future__ import annotations

VALUES = {
    "typical": """{"day": "2026-05-04", "moment": "2026-05-04T09:30:00Z", "price": 19.90, "amount": "0.10",
        "ratio": 0.5, "count": 3, "big": 12, "id": "0b6e2f0e-7c1a-4f5d-9d3e-8a71c2b4f690", "bytes": "AP9oaQ==",
        "level": "low", "levels": ["low", "high"], "note": "Hé 🌷", "days": {"first": "2026-05-04"}}""",
    "precise": """{"moment": "2026-05-04T09:30:00.123456789+02:00", "price": 12345678901234567890.1234567890,
        "amount": "0.10000000000000000001", "big": 9223372036854775807, "count": 2147483647}""",
    "unknown": """{"level": "extreme", "levels": ["low", "?"], "added": {"later": [1, null]}, "count": 1}""",
    "null": """{"note": null, "count": 0}""",
    "absent": "{}",
    "leap": """{"day": "2024-02-29", "moment": "2016-12-31T23:59:60Z"}""",
    "wrong": """{"days": {"first": "the day after tomorrow"}}""",
    "cut": """{"day": "2026-05-""",
}

PETS = {
    "tom": """{"petType": "cat", "lives": 9, "born": "2020-02-29"}""",
    "rex": """{"petType": "dog", "tricks": ["sit"], "born": "2021-03-01", "chip": 7}""",
    "polly": """{"petType": "parrot", "words": ["hello"], "born": "someday"}""",
}

DRAWING = """[{"radius": 1.50, "drawn": "2026-05-04"}, {"side": 2}, "a line", 7, {"corners": 5}, null]"""

EMPLOYEES = {
    "ada": """{"name": "Ada", "born": "1815-12-10", "number": 9007199254740993,
        "manager": {"name": "Charles", "born": "1791-12-26"}, "desk": "by the window"}"""
}

STOCK = """{"place": "Berlin", "roses": 9007199254740993, "class": 2, "__proto__": 3, "constructor": 4}"""
