"""Radiographs: reading, checking, showing and writing DICOM files. Nothing here knows of a window."""
