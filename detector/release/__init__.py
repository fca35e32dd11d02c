"""A release: a frozen data set in a folder. `detector.dataset` is its door, and says how it is kept."""
