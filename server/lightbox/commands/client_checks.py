"""How clients on this machine start Lightbox, and whether they can. No key is shown."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from urllib.parse import urlsplit

from lightbox.clients.client import KEYS, SERVER
from lightbox.clients.installed import Installed, Unreadable, installed
from lightbox.commands.finding import Finding
from lightbox.commands.key_checks import is_reference, key_doubt, key_problem
from lightbox.commands.variable_checks import variable_problem
from lightbox.providers.roster import PROVIDERS

_USUAL_WORDS = ("-m", "lightbox", "lightbox-mcp", "lightbox-mcp@latest", "--from", "serve")
_HOSTS = {f"{name.upper()}_API_KEY": row.keyless.host for name, row in PROVIDERS.items()}


def check_clients() -> list[Finding]:
    """Look at what every known client has of Lightbox; nothing is started."""
    found = list(installed())
    findings = [_judged(each, found) for each in found if isinstance(each, Installed) or each.names_us]
    findings += [
        Finding(_named(each), good=None, text=f"{each.path} can't be read: {each.reason}.")
        for each in found
        if isinstance(each, Unreadable) and not each.names_us
    ]
    if any(isinstance(each, Installed) for each in found):
        return findings
    return [
        *findings,
        Finding("clients", good=None, text="none has Lightbox: `lightbox config` lists them, --write puts it in"),
    ]


def _named(each: Installed | Unreadable) -> str:
    return each.client.title if each.scope == "user" else f"{each.client.title}, this project"


def _judged(each: Installed | Unreadable, found: Sequence[Installed | Unreadable]) -> Finding:
    """Give the one verdict on one client's file or entry."""
    if isinstance(each, Unreadable):
        return Finding(_named(each), good=False, text=f"{each.path} can't be read: {each.reason}. Correct it.")
    problems = [*_command_problems(each), *_variable_problems(each)]
    if problems:
        return Finding(_named(each), good=False, text=f"{' '.join(problems)} It stands in {each.path}.")
    told = _address(each.url) if each.url else f"starts `{_shown(each.words)}`"
    return Finding(_named(each), good=True, text="; ".join([told, *_remarks(each, found), str(each.path)]))


def _command_problems(each: Installed) -> Iterator[str]:
    again = f"`lightbox config {each.client.name} --write{' --scope project' if each.scope == 'project' else ''}`"
    if each.url is not None:
        if urlsplit(each.url).scheme not in ("http", "https"):
            yield "Its URL does not begin with http:// or https://."
    elif not each.words:
        yield f"Its entry {each.name!r} names no command and no URL: {again} puts it right."
    elif PurePath(each.words[0]).is_absolute():
        if not os.access(each.words[0], os.X_OK) or not Path(each.words[0]).is_file():
            yield f"It starts {each.words[0]}, which is not there any more: {again} puts it right."
    elif shutil.which(each.words[0]) is None and PurePath(each.words[0]).name == each.words[0]:
        yield f"It starts {each.words[0]}, which is not found on this machine: install it, or let {again} name another."


def _variable_problems(each: Installed) -> Iterator[str]:
    for name, value in each.variables.items():
        if is_reference(value):
            continue
        if name in KEYS and value.strip():
            base = each.variables.get(name.replace("API_KEY", "BASE_URL"), "")
            host = (urlsplit(base).hostname or "") if base else _HOSTS[name]
            if each.scope == "project":
                yield f"{name} stands in a file that a team shares: take it out, and have a new key made."
            elif problem := key_problem(name, value) or key_doubt(name, value, host):
                yield problem
        elif problem := variable_problem(name, value):
            yield problem


def _remarks(each: Installed, found: Sequence[Installed | Unreadable]) -> Iterator[str]:
    if each.name != SERVER:
        yield f"under the name {each.name!r}"
    if each.off:
        yield "switched off there"
    same = Counter((one.path, one.off) for one in found if isinstance(one, Installed))
    if same[each.path, False] > 1:
        yield "more than one of its servers is Lightbox: one is enough"
    if each.scope == "project" and each.words and PurePath(each.words[0]).is_absolute():
        yield "its path is of this machine alone, though a team may share the file"
    blank = [name for name in KEYS if name in each.variables and not each.variables[name].strip()]
    if blank and len(blank) == len([name for name in KEYS if name in each.variables]):
        yield "without keys, unless they are in its environment or in Lightbox's settings file"


def _shown(words: Sequence[str]) -> str:
    """Give a command without arguments of its user's own, in which a key may stand."""
    own = [word for word in words[1:] if word not in _USUAL_WORDS]
    return " ".join([words[0], *(word for word in words[1:] if word in _USUAL_WORDS), *(["…"] if own else [])])


def _address(url: str | None) -> str:
    """Give an address without what may be secret in it."""
    parts = urlsplit(url or "")
    host = parts.hostname or "?"
    return f"connects to {parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}"
