"""How the sandbox paints: a prompt is read, a mood chosen, a backdrop laid down and subjects set into it."""
