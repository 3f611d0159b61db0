SELECT id FROM hostile_pointshape WHERE shape && ST_MakeEnvelope({box_west}, {box_south}, {box_east}, {box_north}, 4326)
