"""Information of x and y given z: what they share beyond what z tells of either."""
