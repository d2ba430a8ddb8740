"""Image data sets of known names and formats, each split into train and test by its makers."""
