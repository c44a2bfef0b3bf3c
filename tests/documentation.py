"""What the README, the pages, `config/lightbox.toml` and `config/clients/` say, written from the code itself.

`make readme` writes all anew; a test compares them with the code. This is a tool for developers: it is not installed.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import anyio
from mcp.types import Tool

from lightbox.app import stdio_server
from lightbox.clients import known as clients
from lightbox.clients.client import Scope
from lightbox.commands.docs import Page, pages
from lightbox.configuration import configuration_path
from lightbox.settings import Settings, environment_name
from publishing.files import marked, published
from publishing.installing import install_section
from publishing.project import Project

ROOT = configuration_path().parent
BRANCH = "main"
CHINESE = "zh"
"""The page that is the README in Chinese."""
IN_CHINESE: Mapping[str, tuple[str, str]] = {
    "clients": ("客户端", "各个助手和编辑器怎么接入，配置文件在哪儿。"),
    "tools": ("工具", "助手能调用什么：每个工具的参数和用途。"),
    "command": ("命令", "在终端里搜图、画图、改图、存图。"),
    "costs": ("费用", "事前报价，事后账单，守得住的上限。"),
    "settings": ("设置", "每一项设置的默认值和作用。"),
    "compatible": ("网关和兼容服务", "通过 Azure、LiteLLM、SMG、vLLM、LM Studio、Ollama 能用哪些功能，各要怎么设置。"),
    "troubleshooting": ("出了问题", "常见的问题、原因和解决办法。"),
    "deploying": ("部署", "通过 HTTP 给团队用：谁能调用、多台服务器、PostgreSQL、对象存储和监控。"),
    "agents": ("智能体", "自己写 Responses API 循环时，怎样把工具的图片交还给模型。"),
    "sandbox": ("沙箱", "测试用的 Responses API：自己画图，按真实服务的方式计 token，不收费。"),
    "architecture": ("架构", "一次付费调用从参数到账单的全过程；在哪里添加服务、工具和客户端。"),
}
"""What the pages are called in Chinese, and what they are about."""
INSTALLING_IN_CHINESE = (
    ("**In one click:** ", "**一键安装**："),
    ("**Claude Desktop:** open", "**Claude Desktop**：打开"),
    ("; it asks for keys in a form.", "，它会弹出表单，让你填密钥。"),
    ("**In one command:**", "**一条命令**："),
    (
        "**As a plugin of Claude Code**, with a skill that says how to use it well:",
        "**作为 Claude Code 的插件**，附带一份用法说明（skill）：",
    ),
)
"""The words of the block on installing."""

_PAGES = re.compile(rf"https://github\.com/([\w.-]+/[\w.-]+)/blob/{BRANCH}/server/lightbox/docs/")

_DEFAULTS = {"image_dir": "`Lightbox` in your Pictures", "state_dir": "your state folder"}
"""In words, where the machine decides."""

_EXAMPLES: Mapping[str, Any] = {
    "dashscope_api_key": "sk-…",
    "dashscope_api_key_file": "/run/secrets/dashscope",
    "dashscope_workspace_id": "llm-…",
    "dashscope_region": "international",
    "openai_api_key": "sk-…",
    "openai_api_key_file": "/run/secrets/openai",
    "openrouter_api_key": "sk-or-…",
    "openrouter_api_key_file": "/run/secrets/openrouter",
    "search_provider": "dashscope",
    "generate_provider": "openai",
    "describe_provider": "dashscope",
    "dashscope_model": "qwen3.5-plus",
    "openai_model": "gpt-5.4",
    "dashscope_image_model": "qwen-image-2.0",
    "openai_image_model": "gpt-image-2.6-sunburst",
    "openai_image_deployment": "my-gpt-image-2",
    "openrouter_model": "openai/gpt-5.6-terra",
    "openrouter_image_model": "google/gemini-3-pro-image",
    "image_dir": "/home/ada/Pictures/Lightbox",
    "state_dir": "/home/ada/.local/state/lightbox",
    "pictures_url": "s3://pictures/lightbox",
    "state_url": "postgresql://lightbox:PASSWORD@db.example.com/lightbox",
    "state_url_file": "/run/secrets/lightbox-state",
    "read_dirs": ["/home/ada/Pictures", "/home/ada/project"],
    "fetch_allow": ["localhost:8080"],
    "public_url": "https://pictures.example.com/mcp",
    "tokens": "/etc/lightbox/tokens.toml",
    "oauth_issuer": "https://login.example.com/realms/team",
    "trust_proxy": "X-Forwarded-User",
    "library": "/home/ada/Pictures/Holidays",
    "budget": ["5 USD/day", "2 CNY/hour"],
    "total_budget": ["50 USD/day"],
    "rates": ["1 USD = 7.2 CNY"],
    "confirm_above": "0.50 USD",
    "prices": "/home/ada/prices.toml",
    "metrics": "127.0.0.1:9464",
}
"""For settings without a default, or with one that shows nothing."""

_FILE_HEADING = """\
# Every setting of Lightbox, with its default or, where it has none, an example.
#
# Lightbox reads this file from your configuration folder (`lightbox doctor` names it) or from where --config says.
# The command line and the environment come before it. Keys are better kept in the environment than in a file.
"""


def settings_table() -> str:
    """Give the table of settings."""
    rows = [
        f"| `{environment_name(name)}` | {_default(name)} | {_cell(field.description or '')} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| setting | default | |", "|---|---|---|", *rows])


def settings_file() -> str:
    """Give `config/lightbox.toml`: every setting, commented out."""
    parts = [_FILE_HEADING]
    for name, field in Settings.model_fields.items():
        about = [*textwrap.wrap(field.description or "", 110), f"In the environment: {environment_name(name)}"]
        value = _EXAMPLES.get(name, field.default)
        parts.append("".join(f"# {line}\n" for line in about) + f"# {name} = {_toml(value)}\n")
    return "\n".join(parts)


def tools_section(tools: Iterable[Tool]) -> str:
    """Give the chapter on the tools: what each is for, and its arguments."""
    return "\n\n".join(_tool(tool) for tool in tools)


def clients_section(root: Path) -> str:
    """Give the table of clients: for each, its name for the command, its files and what is left to do."""
    ready = f"{Project.of(root).repository}/blob/{BRANCH}/config/clients"
    rows = [
        f"| [{client.title}]({ready}/{client.ready_file}) | `{client.name}` | {_files(client, 'user')} "
        f"| {_files(client, 'project')} | {_cell(client.then('user'))} |"
        for client in clients.known_clients()
    ]
    return "\n".join(["| client | name | your own file | a project's file | then |", "|---|---|---|---|---|", *rows])


def install_in_chinese(project: Project) -> str:
    """Give the README's block on installing in Chinese."""
    text = install_section(project)
    for english, chinese in INSTALLING_IN_CHINESE:
        if english not in text:
            raise ValueError(f"The block on installing does not say {english!r} any more: translate it anew.")
        text = text.replace(english, chinese)
    return text


def replaced(text: str, marker: str, content: str) -> str:
    """Put content between `<!-- marker -->` and `<!-- /marker -->`."""
    pattern = re.compile(rf"(<!-- {marker} -->\n).*?(<!-- /{marker} -->)", re.DOTALL)
    return pattern.sub(lambda match: f"{match[1]}\n{content}\n\n{match[2]}", text)


def pages_table(root: Path) -> str:
    """Give the README's list of the pages."""
    where = f"{Project.of(root).repository}/blob/{BRANCH}/server/lightbox/docs"
    rows = [f"| [{page.title}]({where}/{page.name}.md) | {_cell(page.about)} |" for page in own_pages().values()]
    return "\n".join(["| page | |", "|---|---|", *rows])


def pages_in_chinese() -> str:
    """Give the same list in Chinese."""
    told = {name: IN_CHINESE.get(name, (page.title, page.about)) for name, page in own_pages().items()}
    rows = [f"| [{title}]({name}.md) | {_cell(about)} |" for name, (title, about) in told.items()]
    return "\n".join(["| 页面 | |", "|---|---|", *rows])


def own_pages() -> Mapping[str, Page]:
    """Give the pages that are not the README in another language."""
    return {name: page for name, page in pages().items() if name != CHINESE}


GENERATED: Mapping[str, Callable[[Path], str]] = {
    "clients": clients_section,
    "install": lambda root: install_section(Project.of(root)),
    "install-zh": lambda root: install_in_chinese(Project.of(root)),
    "pages": pages_table,
    "pages-zh": lambda _: pages_in_chinese(),
    "settings": lambda _: settings_table(),
    "tools": lambda _: tools_section(_listed()),
}
"""What stands between `<!-- marker -->` and `<!-- /marker -->`, in the README and in every page that has the marker. It
is made for the checkout in this folder."""


def generated(text: str, root: Path) -> str:
    """Write the generated parts of a text anew."""
    for marker, content in GENERATED.items():
        if f"<!-- {marker} -->" in text:
            text = replaced(text, marker, content(root))
    return text


def moved(text: str, old: str, new: str) -> str:
    """Have what leads to one repository lead to another; both are named as `owner/name`."""
    for host in ("//github.com/", "//raw.githubusercontent.com/"):
        text = text.replace(f"{host}{old}/", f"{host}{new}/")
    owner, new_owner = old.partition("/")[0], new.partition("/")[0]
    return text.replace(f"mcp-name: io.github.{owner}/", f"mcp-name: io.github.{new_owner}/")


def links(text: str, repository: str) -> Iterable[tuple[str, str]]:
    """Give the links of a text that lead into the repository: what each leads to below its root, and its anchor.

    One to a page of the same folder is given as it stands.
    """
    owner = repository.removeprefix("https://github.com/")
    ours = (
        f"{repository}/blob/{BRANCH}/",
        f"{repository}/tree/{BRANCH}/",
        f"https://raw.githubusercontent.com/{owner}/{BRANCH}/",
    )
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        place, _, anchor = link.partition("#")
        if beginning := next((one for one in ours if place.startswith(one)), None):
            yield place.removeprefix(beginning), anchor
        elif "://" not in place and not place.startswith("mailto:"):
            yield place, anchor


def written(root: Path) -> dict[Path, str]:
    """Give the files that take something from the code, as they ought to be."""
    project = Project.of(root)
    readme = root / "README.md"
    told = _PAGES.search(readme.read_text("utf-8"))
    new = Project.of(root).repository.removeprefix("https://github.com/")
    old = told[1] if told else new
    texts = [readme, *sorted((root / "server/lightbox/docs").glob("*.md")), *sorted((root / ".github").rglob("*.md"))]
    told_anew = {path: generated(moved(path.read_text("utf-8"), old, new), root) for path in texts}
    ready = {root / "config/clients" / client.ready_file: clients.snippet(client) for client in clients.known_clients()}
    return {
        **told_anew,
        readme: marked(told_anew[readme], project),
        root / "config/lightbox.toml": settings_file(),
        **ready,
        **published(root),
    }


def main() -> None:
    """Write the files anew."""
    for path, text in written(ROOT).items():
        path.write_text(text, "utf-8")


@cache
def _listed() -> Sequence[Tool]:
    """Give the tools as a server lists them whose provider can do everything."""
    return anyio.run(stdio_server(Settings.model_construct(provider="sandbox")).list_tools)


def _files(client: clients.Client, scope: Scope) -> str:
    """Name the client's file on each system, once where it is the same on all."""
    places: dict[str, list[str]] = {}
    for system, name in (("darwin", "macOS"), ("linux", "Linux"), ("win32", "Windows")):
        machine = clients.Machine(system, home=Path("~"), folder=Path(), environment={})
        if path := client.path(scope, machine):
            places.setdefault(path.as_posix(), []).append(name)
    if len(places) <= 1:
        return "".join(f"`{place}`" for place in places)
    return "; ".join(f"`{place}` ({', '.join(systems)})" for place, systems in places.items())


def _tool(tool: Tool) -> str:
    properties: Mapping[str, Mapping[str, Any]] = tool.input_schema.get("properties", {})
    required: Sequence[str] = tool.input_schema.get("required", ())
    rows: list[str] = []
    for name, schema in sorted(properties.items(), key=lambda item: item[0] not in required):
        cells = (f"`{name}`", _kind(schema), _given(schema, needed=name in required), schema.get("description", ""))
        rows.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    lines = [f"### `{tool.name}`", "", tool.description or "", "", "| argument | | default | |", "|---|---|---|---|"]
    return "\n".join([*lines, *rows])


def _kind(schema: Mapping[str, Any]) -> str:
    """Say what an argument is: its closed set, its bounds, or its type."""
    if values := schema.get("enum"):
        return ", ".join(f"`{value}`" for value in values)
    if schema.get("type") == "array":
        return f"list of {_bounds(schema, 'minItems', 'maxItems')}".removesuffix(" of ")
    named = {"string": "text", "boolean": "true or false", "object": "object"}.get(schema.get("type", ""))
    return named or _bounds(schema, "minimum", "maximum") or "number"


def _bounds(schema: Mapping[str, Any], low: str, high: str) -> str:
    return f"{schema[low]} to {schema[high]}" if low in schema and high in schema else ""


def _given(schema: Mapping[str, Any], *, needed: bool) -> str:
    if needed:
        return "required"
    default = schema.get("default")
    return "" if default is None else "`" + json.dumps(default).strip('"') + "`"


def _default(name: str) -> str:
    if name in _DEFAULTS:
        return _DEFAULTS[name]
    default = Settings.model_fields[name].default
    if default is None or default == ():
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    main()
