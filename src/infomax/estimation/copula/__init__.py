"""Information behind margins: Gaussian and Student copulas, and tests of their fit."""
