"""What things mean: frozen values and rules, standard library only."""
