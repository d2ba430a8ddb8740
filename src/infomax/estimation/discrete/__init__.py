"""Information between discrete columns, from how often their levels were seen together."""
