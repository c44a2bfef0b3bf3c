"""Serving over HTTP: routes, callers, links, sealed questions, limits."""
