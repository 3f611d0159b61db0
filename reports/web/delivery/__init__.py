"""How a download reaches its reader: streamed, compressed, visibly broken when it fails."""
