"""What the command `lightbox` does beside serving."""
