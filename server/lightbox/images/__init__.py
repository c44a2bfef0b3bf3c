"""Pictures: references, types, the guard and fetching, store and handles, previews, contact sheets."""
