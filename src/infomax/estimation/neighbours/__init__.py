"""Information from how many neighbours a pair has on each side."""
