"""What renewd costs: time, memory, and how it compares. `make bench` prints the table of docs/promises.md."""
