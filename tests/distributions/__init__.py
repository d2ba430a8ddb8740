"""A package, so that its conftest may have the name of others."""
