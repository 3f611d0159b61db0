"""JSON documents and lists."""
