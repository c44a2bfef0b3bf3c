"""What can be told of a key by its look. No part of a key is ever shown, but for the known beginnings of a service."""

from __future__ import annotations

import re

from lightbox.providers.key_owners import owner_of

_QUOTES = "\"'`“”‘’„«»"
_OPENAI_HOST, _OPENROUTER_HOST, _DASHSCOPE_HOSTS = "api.openai.com", "openrouter.ai", (".aliyuncs.com",)
_USUAL = "sk-"
_USUAL_OF = {"OpenRouter": "sk-or-"}
_PLACEHOLDER = re.compile(r"\$|\{env:|%\w+%")
_EXAMPLE = re.compile(r"(your|my|insert|paste)[-_ ]?.*key.*|sk-(x+|\.+|…|\*+)|x{3,}|<.*>|\.\.\.|…", re.IGNORECASE)


def is_reference(value: str) -> bool:
    """Tell whether a value stands for a variable of the environment, in whichever way a client writes that."""
    return bool(_PLACEHOLDER.search(value))


def key_problem(name: str, value: str) -> str | None:
    """Say why a value can't be a key as it stands; None where it may be one.

    White space around a key is left out when it is used, and therefore no problem.
    """
    key = value.strip()
    if len(key) > 1 and (key[0] in _QUOTES or key[-1] in _QUOTES):
        return f"{name} is in quotation marks: write the key without them."
    if key.lower().startswith("bearer"):
        return f"{name} begins with “Bearer”: write the key alone."
    if "=" in key[: key.find("sk-")] and "sk-" in key:
        return f"{name} holds a name and “=” before the key: write the key alone."
    if len(key.split()) > 1:
        return f"{name} has white space in it: copy the key again, in one piece."
    if _EXAMPLE.fullmatch(key):
        return f"{name} holds an example, not a key: put your own there, or leave it out."
    return None


def key_doubt(name: str, value: str, host: str) -> str | None:
    """Say whose key it looks like where it is another service's; None where nothing is odd.

    Args:
        name: The variable or setting that holds it.
        value: The key.
        host: To whom it is sent. What keys of other hosts look like is not known.
    """
    key = value.strip()
    known = {_OPENAI_HOST: "OpenAI", _OPENROUTER_HOST: "OpenRouter"}
    whose = known.get(host) or ("DashScope" if host.endswith(_DASHSCOPE_HOSTS) else None)
    if whose is None or not key:
        return None
    owner = owner_of(key)
    if owner is not None and owner.name != whose:
        return f"{name} looks like a key of {owner.name} (it begins with {owner.beginning}), but {host} is asked."
    usual = _USUAL_OF.get(whose, _USUAL)
    if not key.startswith(usual):
        return f"{name} does not begin with {usual}, as keys of {whose} do."
    return None
