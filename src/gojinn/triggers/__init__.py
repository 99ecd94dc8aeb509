"""What starts functions besides HTTP, one folder a trigger. Runs none itself: that is the runner's."""
