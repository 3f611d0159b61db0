SELECT id FROM hostile_pointshape
 WHERE shape && ST_GeomFromWKB({circle}, 4326)
   AND ST_DistanceSphere(shape, ST_GeomFromWKB({place}, 4326)) <= {metres}
