"""What brings an older state database up to date, revision by revision."""
