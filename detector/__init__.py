"""Finding finger joints and their special findings in two-hand radiographs. Knows no DICOM, no window, no store."""
