"""Variables of the environment that another program is to set for Lightbox, judged as Lightbox would judge them."""

from __future__ import annotations

from operator import getitem
from typing import Annotated, Any, cast

from pydantic import TypeAdapter, ValidationError

from lightbox.errors import SettingsError
from lightbox.settings import PREFIX, SECRETS, Settings, check_amounts, environment_name, nearest
from lightbox.untrusted import without_shapes


def variable_problem(name: str, value: str) -> str | None:
    """Say what is wrong with a variable; None where nothing is, or where it is not ours.

    The values of keys are not looked at, and never repeated.
    """
    fields = {environment_name(field): field for field in Settings.model_fields}
    fields |= {f"{PREFIX}{field.upper()}": field for field in Settings.model_fields}
    field = fields.get(name)
    if field is None:
        return f"{name} is no setting of Lightbox.{nearest(name, fields)}" if name.startswith(PREFIX) else None
    if field in SECRETS or not value.strip():
        return None
    info = Settings.model_fields[field]
    kind = getitem(cast("Any", Annotated), (cast("Any", info.annotation), name, *info.metadata))
    try:
        read: Any = TypeAdapter(kind).validate_python(value)
        check_amounts(Settings.model_construct().model_copy(update={field: read}))
    except ValidationError as error:
        return f"{name} {without_shapes(value)[:80]!r}: {error.errors(include_url=False)[0]['msg']}."
    except SettingsError as error:
        return f"{error}."
    return None
