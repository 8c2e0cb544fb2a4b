"""What happens to a registration after it was submitted. No Flask."""
