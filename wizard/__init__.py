"""What a registration is. No Flask, no database."""
