SELECT id FROM hostile_polygonshape WHERE ST_Covers(shape, ST_GeomFromWKB({place}, 4326))
