"""The people of a pool."""
