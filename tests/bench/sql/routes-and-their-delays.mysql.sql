-- There is no aggregate for the most frequent value: by carrier first, then by route.
WITH by_carrier AS (
    SELECT origin_id,
           destination_code,
           carrier_id,
           MIN(destination_id) AS destination_id,
           COUNT(*) AS flights,
           MIN(distance) AS distance,
           MIN(air_time) AS shortest,
           SUM(CASE WHEN air_time IS NOT NULL THEN distance END) AS flown,
           SUM(air_time) AS minutes,
           SUM(arrival_delay >= 15) AS late,
           COUNT(arrival_delay) AS arrived
      FROM aviation_flight
     GROUP BY origin_id, destination_code, carrier_id
), ranked AS (
    SELECT by_carrier.*,
           ROW_NUMBER() OVER (
               PARTITION BY origin_id, destination_code ORDER BY flights DESC, carrier_id
           ) AS place
      FROM by_carrier
)
SELECT o.iata AS origin,
       r.destination_code AS destination,
       MIN(p.name) AS airport,
       SUM(r.flights) AS flights,
       GROUP_CONCAT(r.carrier_id ORDER BY r.carrier_id SEPARATOR ', ') AS carriers,
       MIN(CASE WHEN r.place = 1 THEN r.carrier_id END) AS mostly_by,
       MIN(r.distance) AS distance,
       MIN(r.shortest) AS shortest,
       ROUND(60 * SUM(r.flown) / SUM(r.minutes)) AS speed,
       ROUND(100 * SUM(r.late) / SUM(r.arrived), 1) AS late
  FROM ranked r
  JOIN geo_airport o ON o.icao = r.origin_id
  LEFT JOIN geo_airport p ON p.icao = r.destination_id
 GROUP BY o.iata, r.destination_code
 ORDER BY flights DESC, origin, destination
