SELECT a.id, count(p.id) FROM hostile_polygonshape a
  LEFT JOIN hostile_pointshape p ON ST_Intersects(a.shape, p.shape)
 GROUP BY a.id
