"""What the demo site says: people, posts, pages, papers and pictures, as data and pure functions without Django."""
