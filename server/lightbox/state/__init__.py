"""The state database: one door for reading, one for writing; tables, migrations, pruning."""
