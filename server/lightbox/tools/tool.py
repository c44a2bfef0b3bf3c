"""How a tool is described, and how the SDK is given one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp.types import CallToolResult, InputRequiredResult, ToolAnnotations
from pydantic import BaseModel, ValidationError

from lightbox.errors import LightboxError
from lightbox.tools.arguments import Arguments
from lightbox.tools.call import ToolCall
from lightbox.tools.failure import explain, failed, failure
from lightbox.vocabulary import Ability

Answer = CallToolResult | InputRequiredResult
A = TypeVar("A", bound=Arguments)
Answers = Callable[[ToolCall, Any], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDescription:
    """Everything about a tool but its surroundings.

    Attributes:
        name: As design and clients know it.
        title: For people.
        text: For the model: what it does, when to use it, what it costs.
        arguments: The model of its arguments.
        answers: Answers one call.
        abilities: The tool is listed where some configured provider has one of these; empty: always.
        output: The model of its structured content; None where it never has any.
        bills: Whether a call may cost money. What bills is not read-only.
        changes: Whether it changes anything even where it does not bill.
        open_world: Whether it reaches beyond this machine.
    """

    name: str
    title: str
    text: str
    arguments: type[Arguments]
    answers: Answers
    abilities: frozenset[Ability] = frozenset()
    output: type[BaseModel] | None = None
    bills: bool = False
    changes: bool = False
    open_world: bool = True

    @property
    def annotations(self) -> ToolAnnotations:
        """What a client may rely on before it calls."""
        read_only = not (self.bills or self.changes)
        return ToolAnnotations(
            title=self.title,
            read_only_hint=read_only,
            destructive_hint=False,
            idempotent_hint=read_only,
            open_world_hint=self.open_world,
        )


class LightboxTool(Tool):
    """A tool whose arguments are a model of ours, and whose errors are in our words."""

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:  # noqa: FBT001, FBT002 - the SDK's signature
        """Run the tool; wrong arguments are explained before anything else happens."""
        try:
            self.fn_metadata.validate_arguments(arguments)
        except ValidationError as error:
            return failure(explain(self.name, error, list(self.parameters.get("properties", {}))))
        return await super().run(arguments, context, convert_result)


def make_tool(description: ToolDescription) -> LightboxTool:
    """Give the SDK's form of a tool."""

    async def answer(ctx: Context[Any, Any], **arguments: Any) -> Answer:
        call = ToolCall(ctx.request_context.lifespan_context, ctx)
        try:
            return await description.answers(call, description.arguments(**arguments))
        except LightboxError as error:
            return failed(description.name, error)
        finally:
            call.close()

    return LightboxTool(
        fn=answer,
        name=description.name,
        title=description.title,
        description=description.text,
        parameters=_schema(description.arguments),
        fn_metadata=FuncMetadata(arg_model=description.arguments, output_model=description.output),
        is_async=True,
        context_kwarg="ctx",
        annotations=description.annotations,
    )


def _schema(arguments: type[Arguments]) -> dict[str, Any]:
    """Give the schema of a tool's arguments, required ones first; the tool's own text describes it."""
    schema = arguments.model_json_schema()
    schema.pop("description", None)
    required = schema.get("required", [])
    properties = schema.get("properties", {})
    schema["properties"] = {
        name: properties[name] for name in sorted(properties, key=lambda name: name not in required)
    }
    return schema
