"""What a checkout holds: where its documentation is, which pages, and what they require."""
