SELECT id FROM hostile_pointshape WHERE ST_Within(shape, ST_GeomFromWKB(_binary {area}))
