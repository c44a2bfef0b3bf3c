"""One module per dialect, and the one adapter that speaks HTTP."""
