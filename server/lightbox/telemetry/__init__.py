"""What the server tells of its work to those who run it: a log line for each call, traces, metrics."""
