"""One module per thing that is outside the program or hard in itself."""
