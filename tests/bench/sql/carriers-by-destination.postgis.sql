SELECT f.destination_code AS destination,
       min(p.name) AS airport,
       count(*) AS flights,
       string_agg(DISTINCT a.name, ', ' ORDER BY a.name) AS carriers,
       round(avg(f.arrival_delay), 1) AS mean_delay
  FROM aviation_flight f
  JOIN aviation_airline a ON a.code = f.carrier_id
  LEFT JOIN geo_airport p ON p.icao = f.destination_id
 GROUP BY f.destination_code
 ORDER BY flights DESC, destination
