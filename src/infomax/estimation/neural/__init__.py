"""Information by trained critics: bounds, and learned densities."""
