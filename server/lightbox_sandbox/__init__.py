"""A Responses API of its own: painted pictures, real searches, the services' wire."""
