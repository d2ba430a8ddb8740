"""Runs of your own: encoders trained on anyone's pairs, kept in a folder, and used elsewhere."""
