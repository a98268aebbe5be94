"""What the scenario server answers."""
