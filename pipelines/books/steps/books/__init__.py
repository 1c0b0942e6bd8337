"""The steps of the books recommender: prepare ratings, train neighbours, measure quality."""
