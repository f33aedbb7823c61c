"""Brings Wistia video views into the Upsales CRM."""

__version__ = "0.1.0"
