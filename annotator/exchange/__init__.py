"""Labels for and from other programs: neutral values in `labels`, one module a format."""
