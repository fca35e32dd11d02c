"""Knuckle: annotation and review of finger joints on hand radiographs. Research use only."""

__version__ = "0.1.0"
