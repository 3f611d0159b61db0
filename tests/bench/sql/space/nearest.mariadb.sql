SELECT id FROM hostile_pointshape
 WHERE MBRIntersects(shape, ST_GeomFromWKB(_binary {near}))
 ORDER BY ST_Distance_Sphere(shape, ST_GeomFromWKB(_binary {place}), 6371008.7714150598), id
 LIMIT {count}
