"""Training detectors: what they are shown, what is made small, and a version at the end. Needs torch."""
