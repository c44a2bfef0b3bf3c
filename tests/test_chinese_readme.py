"""The README in Chinese says what the README says, and something more for DashScope's users."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import documentation
from lightbox.commands.docs import pages
from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.providers.dashscope import configured_endpoint
from lightbox.settings import Settings, load
from publishing.project import Project

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
CHINESE = pages()[documentation.CHINESE].source
MARK = re.compile(r"^<!-- en: (.+) -->\n\n(?=## )", re.MULTILINE)
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
GENERATED = re.compile(r"<!-- ([\w-]+) -->\n(.*?)<!-- /\1 -->", re.DOTALL)
SAME = re.compile(r"\]\(\S+\)|`[^`\n]+`")
"""What no translation changes: addresses, and what stands in code type."""
QUOTED = re.compile(r'"[^"\n]*"')


def chapters() -> dict[str, str]:
    """Give the README's chapters by their headings."""
    parts = re.split(r"^## (.+)\n", README, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def chapters_in_chinese() -> list[tuple[str, str]]:
    """Give the Chinese chapters, each with the heading of the one that it stands for, or `none`."""
    parts = MARK.split(CHINESE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def commands(text: str) -> list[str]:
    """Give the lines of a chapter's code blocks, without what is told in words."""
    lines = (line for _, block in FENCED.findall(text) for line in block.splitlines())
    return [QUOTED.sub('""', re.sub(r"\s+#.*", "", line)) for line in lines]


def terms(text: str) -> set[str]:
    """Give what stands in code type, amounts and other quoted words aside."""
    return {QUOTED.sub('""', term) for term in re.findall(r"`([^`\n]+)`", FENCED.sub("", GENERATED.sub("", text)))}


def targets(text: str) -> set[str]:
    """Give what a chapter links to; a page is named by its file alone."""
    pages = f"{Project.of(ROOT).repository}/blob/main/server/lightbox/docs/"
    return {link.removeprefix(pages) for link in re.findall(r"\]\(([^)\s#]+)", GENERATED.sub("", text))}


def same() -> Iterator[tuple[str, str, str]]:
    english = chapters()
    yield from ((name, english[name], text) for name, text in chapters_in_chinese() if name != "none")


def test_every_chapter_is_there_in_the_same_order() -> None:
    assert [name for name, _, _ in same()] == list(chapters())
    assert len(re.findall(r"^## ", CHINESE, re.MULTILINE)) == len(chapters_in_chinese())


def test_every_chapter_has_the_same_commands_settings_and_links() -> None:
    for name, english, chinese in same():
        assert commands(chinese) == commands(english), name
        assert terms(chinese) >= terms(english), name
        assert targets(chinese) >= targets(english), name


def test_generated_parts_are_the_same_or_say_the_same_in_chinese() -> None:
    english, chinese = (dict(GENERATED.findall(text)) for text in (README, CHINESE))

    assert chinese.pop("pages-zh").count("](") == english.pop("pages").count("](")
    installing = [english.pop("install"), chinese.pop("install-zh")]
    assert commands(installing[0]) == commands(installing[1])
    assert re.findall(SAME, installing[0]) == re.findall(SAME, installing[1])
    assert chinese == english
    assert documentation.own_pages().keys() <= documentation.IN_CHINESE.keys()


def test_the_settings_for_dashscope_in_china_load_and_have_prices_in_cny(tmp_path: Path) -> None:
    told = dict(re.findall(r'^export (\w+)="?([^"\n]*?)"?(?:\s+#.*)?$', CHINESE, re.MULTILINE))
    told["DASHSCOPE_API_KEY"] = "sk-of-a-test"
    file = tmp_path / "lightbox.toml"
    lines = (f'{name.lower().removeprefix("lightbox_")} = "{value}"\n' for name, value in told.items())
    file.write_text("".join(lines), "utf-8")
    made: Settings = load(file)
    rates = Catalogue.load(None).at(datetime.now(UTC))

    endpoint = configured_endpoint(made)
    assert endpoint is not None
    assert (endpoint.host, endpoint.region) == ("dashscope.aliyuncs.com", "mainland")
    assert made.budget == ("20 CNY/day", "300 CNY/month")
    for tool, words in (("web_search_image", "文字搜图"), ("image_search", "以图搜图")):
        fee = rates.fee("dashscope", tool, region="mainland", currency="CNY")
        assert fee is not None
        assert f"每千次{words} {fee.per_thousand_calls} 元" in CHINESE


def test_the_mirror_is_written_as_uv_reads_it() -> None:
    [example] = [block for language, block in FENCED.findall(CHINESE) if language == "toml" and "[[index]]" in block]
    [index] = tomllib.loads(example)["index"]

    assert index["default"] is True
    assert f"pip install -i {index['url']} uv" in CHINESE
