"""Hostile bytes for every parser and every reader of a client: what is tried, and within which bounds."""
