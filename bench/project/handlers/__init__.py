"""The handlers of the benchmark's project; the Connexion row runs these same functions."""
