"""The ledger as it is shown: its periods and its rows."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class LedgerRow(BaseModel):
    """What one model cost through one tool on one day; amounts as decimal text."""

    model_config = ConfigDict(frozen=True)

    day: str = Field(description="In UTC.")
    tool: str
    provider: str
    model: str
    currency: str | None
    jobs: int
    billed: str
    estimated: str = Field(description="Part of billed that the services did not report.")
    reserved: str = Field(description="Held for calls that are not settled yet; not part of billed.")
    unknown: int = Field(description="Jobs whose price is not known.")
