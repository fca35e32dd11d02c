"""Finds finger joints and their special findings in two-hand radiographs; knows no DICOM, window or store."""
