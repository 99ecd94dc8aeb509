"""What Gojinn does around a function in Python, in its sandbox. What functions use is `gojinn_sdk`."""
