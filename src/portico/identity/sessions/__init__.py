"""Browsers that have signed in."""
