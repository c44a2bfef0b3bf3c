"""Estimates, bills and budgets."""
