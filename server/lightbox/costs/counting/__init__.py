"""How many tokens texts and pictures take: formulas, each with its source."""
