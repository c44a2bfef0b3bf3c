"""Settings: each paints sky, land, water or a room, and says where subjects stand."""
