"""What subjects look like: each drawn with a pen, wherever it stands."""
