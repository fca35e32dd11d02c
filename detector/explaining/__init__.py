"""Grad-CAM with and without torch."""
