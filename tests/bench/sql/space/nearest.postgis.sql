SELECT id FROM hostile_pointshape
 WHERE shape && ST_GeomFromWKB({near}, 4326)
 ORDER BY ST_DistanceSphere(shape, ST_GeomFromWKB({place}, 4326)), id
 LIMIT {count}
