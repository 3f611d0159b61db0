SELECT f.destination_code AS destination,
       MIN(p.name) AS airport,
       COUNT(*) AS flights,
       GROUP_CONCAT(DISTINCT a.name ORDER BY a.name SEPARATOR ', ') AS carriers,
       ROUND(AVG(f.arrival_delay), 1) AS mean_delay
  FROM aviation_flight f
  JOIN aviation_airline a ON a.code = f.carrier_id
  LEFT JOIN geo_airport p ON p.icao = f.destination_id
 GROUP BY f.destination_code
 ORDER BY flights DESC, destination
