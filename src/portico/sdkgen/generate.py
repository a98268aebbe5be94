"""All SDKs of a project: one package for each document and language.

sdk/<language>/<document>/       the package
static_site/sdk/<document>/      what pages load, for the documents that `[sdk] site` names
sdk/released/                    what the last released versions were made of
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from portico.design.model import Api
from portico.errors import ConfigError
from portico.identity import settings as pools
from portico.project import Project, auth_of
from portico.sdkgen import folder, manifest
from portico.sdkgen.folder import Change
from portico.sdkgen.language import Language
from portico.sdkgen.languages import language
from portico.sdkgen.names import Names
from portico.sdkgen.plan import Sdk, build
from portico.sdkgen.releases import release_of

_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(:\d+)?/")  # RFC 8252 section 7.3

_PUBLISHED = re.compile(r"(@[a-z0-9][a-z0-9._-]{0,100}/)?[a-z0-9][a-z0-9._-]{0,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Package:
    """One package, and what writing it would change."""

    api: str
    language: str
    version: str
    folder: Path
    changes: tuple[Change, ...]
    omissions: int  # constructs that the SDK cannot express; its README lists them

    @property
    def stale(self) -> tuple[Change, ...]:
        """The files that are not as the document and this generator have them."""
        return tuple(change for change in self.changes if change.state not in ("unchanged", "kept"))

    @property
    def edited(self) -> tuple[str, ...]:
        """The files that a person changed without marking them."""
        return tuple(change.path for change in self.changes if change.state == "edited")


def generate(project: Project, languages: Iterable[str] = (), *, force: bool = False) -> Iterator[Package]:
    """The packages of a project, one after another. Nothing is written: see `write`.

    Args:
        project: with the documents to generate for.
        languages: to write in; none: those of `[sdk] languages`.
        force: overwrite what a person changed without marking it.

    Raises:
        ConfigError: a language is unknown, or documents would share a package.
        ManifestBroken: the record of an earlier generation cannot be read.
    """
    chosen = [language(name) for name in tuple(languages) or project.config.sdk.languages]
    homes = _homes(project.apis)
    _check_site(project)
    published = {one.name: _published(project, one.name, homes) for one in chosen}
    for api in project.apis:
        plan = _plan(project, api)
        for one in chosen:
            named = dataclasses.replace(plan, package=published[one.name].get(api.name))
            yield from _packages(project, named, one, homes[api.name], force=force)


def write(package: Package) -> None:
    """Write a package.

    Args:
        package: of `generate`, with nothing edited.
    """
    folder.write(package.folder, package.changes)


def orphans(project: Project) -> list[Path]:
    """The packages whose document is gone: they were generated, and are not any more. They are never removed.

    Args:
        project: with all of its documents.
    """
    homes = set(_homes(project.apis).values())
    found = sorted((project.root / "sdk").glob(f"*/*/{manifest.NAME}"))
    found += sorted((project.root / "static_site" / "sdk").glob(f"*/{manifest.NAME}"))
    return [path.parent for path in found if path.parent.name not in homes]


def _packages(project: Project, sdk: Sdk, one: Language, home: str, *, force: bool) -> Iterator[Package]:
    at = project.root / "sdk" / one.name / home
    names = Names(manifest.read(at).names)
    folder.refuse_links(project.root, at)
    files = list(one.files(sdk, names))
    yield Package(
        sdk.key,
        one.name,
        sdk.version,
        at,
        tuple(folder.compare(at, files, names.record(), force=force)),
        len(sdk.omissions),
    )
    if sdk.key in project.config.sdk.site:
        pages = list(one.site_files(sdk, names))
        if pages:
            at = project.root / "static_site" / "sdk" / home
            folder.refuse_links(project.root, at)
            changes = tuple(folder.compare(at, pages, {}, force=force))
            yield Package(sdk.key, one.name, sdk.version, at, changes, len(sdk.omissions))


def _plan(project: Project, api: Api) -> Sdk:
    release = release_of(project.root, api)
    settings = project.config
    return build(
        api,
        version=release.version,
        auth=auth_of(project.root, settings),
        client_id=settings.sdk.client_id or _client_id(project.root),
        region=settings.signing.region,
        license=settings.sdk.license or None,
        changes=release.changes,
    )


def _client_id(root: Path) -> str | None:
    """The application of the project's pool that native programs sign in as: public, with a loopback redirect."""
    pool = pools.load(root)
    for name, client in pool.clients.items() if pool is not None else ():
        if client.type == "public" and any(_LOOPBACK.match(uri) for uri in client.redirect_uris):
            return name
    return None


def _homes(apis: Iterable[Api]) -> dict[str, str]:
    """The folder of each document's packages."""
    found: dict[str, str] = {}
    for api in apis:
        home = re.sub(r"[^a-z0-9]+", "-", api.name.lower()).strip("-") or "api"
        if home in found.values():
            other = next(name for name, taken in found.items() if taken == home)
            raise ConfigError(f"specs/{api.name} and specs/{other} would be one package, {home!r}. Rename one of them.")
        found[api.name] = home
    return found


def _published(project: Project, language: str, homes: Mapping[str, str]) -> dict[str, str]:
    """What the packages of a language are published as, by document; those without a setting are left out."""
    pattern = project.config.sdk.packages.get(language)
    if pattern is None:
        return {}
    found = {name: pattern.replace("{api}", home) for name, home in homes.items()}
    for name in found.values():
        if not _PUBLISHED.fullmatch(name) or (name.startswith("@") and language != "typescript"):
            raise ConfigError(f"portico.toml: [sdk] packages: {name!r} is no name of a package. Write acme-{{api}}.")
    if len(set(found.values())) < len(found):
        raise ConfigError(f"portico.toml: [sdk] packages: {pattern!r} names several documents. Write {{api}} in it.")
    return found


def _check_site(project: Project) -> None:
    known = {api.name for api in project.apis}
    for name in project.config.sdk.site:
        if name not in known:
            raise ConfigError(f"portico.toml: [sdk] site names {name!r}, but there is no specs/{name}.yaml.")
