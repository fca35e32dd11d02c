"""What `versions` is made of."""
