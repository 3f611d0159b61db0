SELECT id FROM hostile_pointshape WHERE ST_Intersects(shape, ST_GeomFromWKB(_binary {area}))
