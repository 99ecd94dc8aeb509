"""What a running server tells about itself: its log, log outputs, metrics. Decides nothing by it."""
