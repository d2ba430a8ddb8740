"""Information of all pairs of columns: estimated side by side, as a matrix and as a heat map."""
