"""What a person reads about saved runs."""
