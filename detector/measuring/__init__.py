"""Measuring detectors: truth and finds paired, scored, compared."""
