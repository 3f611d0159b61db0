SELECT a.id, count(p.id) FROM hostile_polygonshape a
  JOIN idx_hostile_pointshape_shape i
    ON i.xmin <= MbrMaxX(a.shape) AND i.xmax >= MbrMinX(a.shape)
   AND i.ymin <= MbrMaxY(a.shape) AND i.ymax >= MbrMinY(a.shape)
  JOIN hostile_pointshape p ON p.rowid = i.pkid AND ST_Intersects(a.shape, p.shape)
 GROUP BY a.id
