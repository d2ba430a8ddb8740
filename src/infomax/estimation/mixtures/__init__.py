"""Closed forms for data of clusters and mixtures: critics may begin as one of them."""
