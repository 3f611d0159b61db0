SELECT id FROM hostile_polygonshape WHERE ST_Contains(shape, ST_GeomFromWKB({place}))
