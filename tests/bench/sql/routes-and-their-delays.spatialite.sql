-- There is no aggregate for the most frequent value: by carrier first, then by route.
WITH by_carrier AS (
    SELECT origin_id,
           destination_code,
           carrier_id,
           min(destination_id) AS destination_id,
           count(*) AS flights,
           min(distance) AS distance,
           min(air_time) AS shortest,
           sum(distance) FILTER (WHERE air_time IS NOT NULL) AS flown,
           sum(air_time) AS minutes,
           sum(arrival_delay >= 15) AS late,
           count(arrival_delay) AS arrived
      FROM aviation_flight
     GROUP BY origin_id, destination_code, carrier_id
), ranked AS (
    SELECT by_carrier.*,
           row_number() OVER (
               PARTITION BY origin_id, destination_code ORDER BY flights DESC, carrier_id
           ) AS place
      FROM by_carrier
)
SELECT o.iata AS origin,
       r.destination_code AS destination,
       min(p.name) AS airport,
       sum(r.flights) AS flights,
       group_concat(r.carrier_id, ', ' ORDER BY r.carrier_id) AS carriers,
       min(r.carrier_id) FILTER (WHERE r.place = 1) AS mostly_by,
       min(r.distance) AS distance,
       min(r.shortest) AS shortest,
       60 * sum(r.flown) / sum(r.minutes) AS speed,
       100.0 * sum(r.late) / sum(r.arrived) AS late
  FROM ranked r
  JOIN geo_airport o ON o.icao = r.origin_id
  LEFT JOIN geo_airport p ON p.icao = r.destination_id
 GROUP BY o.iata, r.destination_code
 ORDER BY flights DESC, origin, destination
