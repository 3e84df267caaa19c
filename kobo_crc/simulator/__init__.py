"""A KoboToolbox API v2 server on loopback and a population that fills forms: for the demo, training and tests."""
