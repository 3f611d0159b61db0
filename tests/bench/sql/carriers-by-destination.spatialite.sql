-- group_concat(DISTINCT ...) takes no separator: by carrier first, then by destination.
WITH by_carrier AS (
    SELECT destination_code,
           carrier_id,
           min(destination_id) AS destination_id,
           count(*) AS flights,
           sum(arrival_delay) AS delay,
           count(arrival_delay) AS arrived
      FROM aviation_flight
     GROUP BY destination_code, carrier_id
)
SELECT c.destination_code AS destination,
       min(p.name) AS airport,
       sum(c.flights) AS flights,
       group_concat(a.name, ', ' ORDER BY a.name) AS carriers,
       1.0 * sum(c.delay) / sum(c.arrived) AS mean_delay
  FROM by_carrier c
  JOIN aviation_airline a ON a.code = c.carrier_id
  LEFT JOIN geo_airport p ON p.icao = c.destination_id
 GROUP BY c.destination_code
 ORDER BY flights DESC, destination
