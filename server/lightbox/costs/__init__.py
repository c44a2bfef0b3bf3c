"""Money: the catalogue, token formulas, estimates, bills, budgets."""
