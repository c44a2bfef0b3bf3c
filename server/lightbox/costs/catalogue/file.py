"""One file of the catalogue: its rows, read strictly."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lightbox.costs.catalogue.rows import (
    DefaultRow,
    FeeRow,
    ImageInputRow,
    ImageModelRow,
    ImageOutputRow,
    ImagePriceRow,
    ModelRow,
    PicturePriceRow,
    TokenPriceRow,
    TypicalRow,
    VisionRow,
)
from lightbox.errors import SettingsError

_ROW = Field(default=(), strict=False)


class Sheet(BaseModel):
    """All rows of one file, or of several put together."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    models: Annotated[tuple[ModelRow, ...], _ROW]
    image_models: Annotated[tuple[ImageModelRow, ...], _ROW]
    token_prices: Annotated[tuple[TokenPriceRow, ...], _ROW]
    image_prices: Annotated[tuple[ImagePriceRow, ...], _ROW]
    picture_prices: Annotated[tuple[PicturePriceRow, ...], _ROW]
    fees: Annotated[tuple[FeeRow, ...], _ROW]
    vision: Annotated[tuple[VisionRow, ...], _ROW]
    image_input: Annotated[tuple[ImageInputRow, ...], _ROW]
    image_output: Annotated[tuple[ImageOutputRow, ...], _ROW]
    typical: Annotated[tuple[TypicalRow, ...], _ROW]
    defaults: Annotated[tuple[DefaultRow, ...], _ROW]


def read_sheet(path: Path) -> Sheet:
    """Read a file of the catalogue.

    `provider` at its top holds for every row without its own. A row's `source` is either a name from the file's
    `[sources]`, which tell the text and the day it was checked, or the text itself beside `checked`.

    Raises:
        SettingsError: The file can't be read, or a row is wrong; the text names file, row and key.
    """
    try:
        with path.open("rb") as file:
            document = tomllib.load(file, parse_float=Decimal)
    except OSError as error:
        raise SettingsError(f"the model catalogue {path} can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the model catalogue {path} is not TOML: {error}") from error
    tables = _filled_in(document, path)
    try:
        sheet = Sheet.model_validate(tables)
    except ValidationError as error:
        raise SettingsError(f"{path}: {_first_fault(error, tables)}") from error
    _refuse_repeats(sheet, path)
    return sheet


def joined(sheets: list[Sheet]) -> Sheet:
    """Put the rows of several files together."""
    return Sheet.model_validate(
        {name: tuple(row for sheet in sheets for row in getattr(sheet, name)) for name in Sheet.model_fields}
    )


def _filled_in(document: dict[str, Any], path: Path) -> dict[str, Any]:
    provider = document.pop("provider", None)
    sources = document.pop("sources", {})
    if not isinstance(sources, dict):
        raise SettingsError(f"{path}: [sources] must be a table")
    sources = cast("dict[str, Any]", sources)
    for table, rows in document.items():
        if not isinstance(rows, list):
            raise SettingsError(f"{path}: {_no_table(table)}")
        for number, row in enumerate(cast("list[object]", rows), start=1):
            if isinstance(row, dict):
                _fill(cast("dict[str, Any]", row), provider, sources, f"{path}: [[{table}]] row {number}")
    return document


def _fill(row: dict[str, Any], provider: object, sources: dict[str, Any], where: str) -> None:
    if provider is not None:
        row.setdefault("provider", provider)
    known = sources.get(row.get("source", ""))
    if known is None:
        return
    match known:
        case {"text": text, "checked": checked, **further} if not further:
            row["source"] = text
            row.setdefault("checked", checked)
        case _:
            raise SettingsError(f"{where}: its entry in [sources] needs text and checked, and nothing else")


def _first_fault(error: ValidationError, tables: dict[str, Any]) -> str:
    fault = error.errors(include_url=False)[0]
    table, *rest = fault["loc"]
    if not rest or not isinstance(rest[0], int):
        return _no_table(table)
    row, key = rest[0], ".".join(str(part) for part in rest[1:])
    named = _row_name(tables[str(table)][row])
    match fault["type"]:
        case "extra_forbidden":
            what = f"unknown key {key}"
        case "missing":
            what = f"{key} is missing"
        case _:
            what = f"{key}: {fault['msg']}".removeprefix(": ")
    return f"[[{table}]] row {row + 1}{named}: {what}"


def _no_table(name: object) -> str:
    return f"{name} is not a table of the catalogue; its tables are [[{']], [['.join(_TABLES)}]]"


def _row_name(row: object) -> str:
    if not isinstance(row, dict):
        return ""
    fields = cast("dict[str, Any]", row)
    name = fields.get("name") or fields.get("models") or fields.get("tool") or fields.get("abilities") or ""
    if isinstance(name, list):
        name = ", ".join(map(str, cast("list[object]", name)))
    return f" ({name})" if name else ""


def _refuse_repeats(sheet: Sheet, path: Path) -> None:
    """Refuse two rows for the same thing from the same day: nobody could tell which of them holds."""
    for table in ("models", "image_models"):
        _refuse_repeat(path, table, [(row.provider, row.name) for row in getattr(sheet, table)])
    for table in ("token_prices", "image_prices", "picture_prices", "vision", "image_input", "image_output"):
        rows: tuple[TokenPriceRow, ...] = getattr(sheet, table)
        _refuse_repeat(
            path,
            table,
            [
                (
                    *(row.provider, model, getattr(row, "region", None), getattr(row, "currency", None)),
                    *(tier, row.effective_from),
                )
                for row in rows
                for model in row.models
                for tier in getattr(row, "service_tiers", ()) or (None,)
            ],
        )
    _refuse_repeat(
        path, "fees", [(row.provider, row.tool, row.region, row.currency, row.effective_from) for row in sheet.fees]
    )


def _refuse_repeat(path: Path, table: str, keys: list[tuple[str | date | None, ...]]) -> None:
    seen: set[tuple[str | date | None, ...]] = set()
    for key in keys:
        if key in seen:
            named = ", ".join(str(part) for part in key if part is not None)
            raise SettingsError(f"{path}: [[{table}]] holds two rows for {named}; change one's effective_from")
        seen.add(key)


_TABLES = tuple(Sheet.model_fields)
