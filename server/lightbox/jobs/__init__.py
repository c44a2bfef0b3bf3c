"""Paid calls: the journal, which is the ledger, and the runner."""
