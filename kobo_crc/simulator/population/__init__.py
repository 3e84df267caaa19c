"""A simulated population that fills any XForm by the form's own logic, and the people and weeks of a demonstration."""
