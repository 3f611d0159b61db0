SELECT id FROM hostile_pointshape WHERE MBRIntersects(shape, ST_GeomFromWKB(_binary {box}))
