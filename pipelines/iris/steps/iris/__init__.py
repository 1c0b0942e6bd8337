"""The steps of the iris pipeline: fetch a table, split it, train and measure a classifier."""
