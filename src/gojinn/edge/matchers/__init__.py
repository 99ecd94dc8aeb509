"""The request matchers, one file each with its `MATCHER`. Where they stand is the router's business."""
