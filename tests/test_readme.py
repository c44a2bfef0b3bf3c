"""What the README, the pages and config/lightbox.toml say is what the code does."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from PIL import Image

import documentation
from lightbox import settings
from lightbox.commands.grammar import app
from lightbox.configuration import configuration_path
from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.providers.dashscope import configured_endpoint
from lightbox.vocabulary import Region
from publishing.project import Project

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "server/lightbox/docs"
README = (ROOT / "README.md").read_text("utf-8")
TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in (ROOT / "README.md", *sorted(PAGES.glob("*.md")), *sorted((ROOT / ".github").rglob("*.md")))
}
REPOSITORY = Project.of(ROOT).repository
OWNER, NAME = REPOSITORY.split("/")[-2:]
WORDS = 1_200
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def page(name: str) -> str:
    return TEXTS[f"server/lightbox/docs/{name}.md"]


def anchors(text: str) -> set[str]:
    """Give the anchors that GitHub makes of a page's headings."""
    headings = HEADING.findall(FENCED.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_texts_and_settings_file_are_as_the_code_gives_them() -> None:
    for path, text in documentation.written(ROOT).items():
        assert path.read_text("utf-8") == text, f"{path.name} is behind the code: run `make readme`"


def test_every_example_in_the_settings_file_is_a_setting_that_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(settings.environment_name(name), raising=False)
    commented = configuration_path("lightbox.toml").read_text("utf-8")
    file = tmp_path / "lightbox.toml"
    file.write_text(re.sub(r"^# (?=[a-z_]+ = )", "", commented, flags=re.MULTILINE), "utf-8")
    assert set(tomllib.loads(file.read_text("utf-8"))) == set(settings.Settings.model_fields)
    # A key stands in one place: with it, no file may be named that holds it.
    file.write_text(
        re.sub(r"^(\w+_api_key|state_url)_file = .*\n", "", file.read_text("utf-8"), flags=re.MULTILINE), "utf-8"
    )
    files = {f"{name}_file" for name in settings.SECRETS}
    assert settings.load(file).model_fields_set | files == set(settings.Settings.model_fields)


def test_a_stranger_finds_in_the_readme_how_to_set_up_and_reads_no_more_than_need_be() -> None:
    assert {"make demo", "make test"} <= {line.partition("  ")[0] for line in README.splitlines()}
    assert len(README.split()) <= WORDS


def test_the_registry_finds_its_mark_in_the_readme() -> None:
    assert f"<!-- mcp-name: io.github.{OWNER}/lightbox-mcp -->" in README.splitlines()


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_into_the_repository_leads_to_a_file_and_a_heading_that_are_there(name: str) -> None:
    where = (ROOT / name).parent
    lost: list[str] = []
    for place, anchor in documentation.links(TEXTS[name], REPOSITORY):
        beside = place and (where / place).is_file() and where == PAGES
        path = (ROOT / name if not place else where / place if beside else ROOT / place).resolve()
        if not path.exists() or (anchor and anchor not in anchors(path.read_text("utf-8"))):
            lost.append(f"{place}#{anchor}")

    assert lost == []


def test_the_readme_reads_the_same_wherever_it_is_shown() -> None:
    """Package indexes show it apart from the repository, so that no link may depend on where it lies."""
    assert [link for link in re.findall(r"\]\(([^)\s]+)\)", README) if not link.startswith("https://")] == []
    pictures = re.findall(r"!\[[^]]*\]\(([^)\s]+)\)", README)
    assert all("github.com" not in picture for picture in pictures), "a page of GitHub is no picture"


def test_a_page_leads_beyond_its_folder_by_address_for_it_is_read_from_an_installed_package_too() -> None:
    links = [
        link
        for path in PAGES.glob("*.md")
        for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8"))
        if "://" not in link and not link.startswith("#")
    ]
    assert [link for link in links if not (PAGES / link.partition("#")[0]).is_file()] == []


def test_one_line_moves_every_address_to_another_repository() -> None:
    here, there = f"{OWNER}/{NAME}", "somebody-else/pictures"
    for text in TEXTS.values():
        moved = documentation.moved(text, here, there)
        assert f"github.com/{OWNER}" not in moved
        assert f"io.github.{OWNER}" not in moved
        assert documentation.moved(moved, there, here) == text


def test_the_pictures_of_the_documentation_are_light_and_the_chat_moves() -> None:
    assert (PAGES / "sheet.webp").stat().st_size < 150_000
    assert (PAGES / "chat.webp").stat().st_size < 400_000
    with Image.open(PAGES / "chat.webp") as chat:
        assert getattr(chat, "n_frames", 1) > 10
        assert chat.info["loop"] == 0


def test_replacing_a_section_leaves_the_rest_of_the_text() -> None:
    text = "a\n<!-- tools -->\nold\n<!-- /tools -->\nb\n"
    assert documentation.replaced(text, "tools", "new \\1") == "a\n<!-- tools -->\n\nnew \\1\n\n<!-- /tools -->\nb\n"


def test_what_the_page_on_architecture_names_is_there() -> None:
    text = page("architecture")
    paths = re.findall(r"(?<![\w./-])((?:[a-z_]+/)+\w*(?:\.\w+)?|\w+\.py)(?![\w/])", text)
    places = (ROOT / "server/lightbox", ROOT)

    assert len(paths) > 30
    assert [path for path in paths if not any((place / path).exists() for place in places)] == []
    named = re.findall(r"`(\w+\.py|(?:\w+/)+\w+\.py)`: [^\n]*?`([A-Z_]+|[A-Z]\w+)`", text)
    assert len(named) > 4
    for path, name in named:
        source = next((place / path).read_text("utf-8") for place in places if (place / path).exists())
        assert re.search(rf"^{name}\b", source, re.MULTILINE), f"{path} has no {name}"


def test_the_page_on_architecture_knows_every_part_of_the_house() -> None:
    parts = {path.name for path in (ROOT / "server/lightbox").iterdir() if (path / "__init__.py").is_file()}
    table = page("architecture").partition("## The house")[2].partition("\n## ")[0]

    assert parts - set(re.findall(r"^\| `(\w+)/` \|", table, re.MULTILINE)) == {"demo"}


def test_every_command_stands_on_the_page_of_the_command() -> None:
    block = next(iter(re.findall(r"^```\n(lightbox  .*?)^```", page("command"), re.DOTALL | re.MULTILINE)))
    told = {
        name
        for line in block.splitlines()
        for name in re.findall(r"(?:lightbox|\|) ([a-z]+)", line.partition("    ")[0].partition("  ")[0])
    }
    commands = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    groups = {str(group.name) for group in app.registered_groups}

    assert commands | groups <= told


def test_every_address_of_dashscope_on_the_page_of_settings_is_of_the_region_beside_it() -> None:
    rows = re.findall(r"^\| `(\w+)`[^|]* \| `(https://[^`]+)` \|$", page("settings"), re.MULTILINE)

    assert [name for name, _ in rows] == list(get_args(Region))
    for region, address in rows:
        given: dict[str, Any] = {"dashscope_region": region, "dashscope_workspace_id": "ws-1"}
        endpoint = configured_endpoint(settings.load(dashscope_api_key="sk-of-a-test", **given))
        assert endpoint is not None
        assert (endpoint.base_url, endpoint.region) == (address.replace("{WorkspaceId}", "ws-1"), region)


@pytest.mark.parametrize("text", [README, page("costs")], ids=["README", "costs"])
def test_a_price_list_that_is_shown_is_one(text: str, tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    file = tmp_path / "mine.toml"
    file.write_text(example, "utf-8")

    price = Catalogue.load(file).at(datetime.now(UTC)).token_price("openai", "gpt-mine", None)
    assert price is not None
    assert price.currency == "EUR"
