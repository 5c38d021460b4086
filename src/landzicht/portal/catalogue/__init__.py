"""Searching, exploring and changing the catalogue; whole catalogues out, in and moved."""
