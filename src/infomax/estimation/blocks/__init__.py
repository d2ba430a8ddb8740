"""Columns that fall into independent blocks: information is the sum of that of each."""
