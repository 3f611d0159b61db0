SELECT o.iata AS origin,
       f.destination_code AS destination,
       min(p.name) AS airport,
       count(*) AS flights,
       string_agg(DISTINCT f.carrier_id, ', ' ORDER BY f.carrier_id) AS carriers,
       mode() WITHIN GROUP (ORDER BY f.carrier_id) AS mostly_by,
       min(f.distance) AS distance,
       min(f.air_time) AS shortest,
       round(
           60 * sum(f.distance) FILTER (WHERE f.air_time IS NOT NULL) / nullif(sum(f.air_time), 0)
       ) AS speed,
       round(
           100.0 * count(*) FILTER (WHERE f.arrival_delay >= 15)
           / nullif(count(f.arrival_delay), 0),
           1
       ) AS late
  FROM aviation_flight f
  JOIN geo_airport o ON o.icao = f.origin_id
  LEFT JOIN geo_airport p ON p.icao = f.destination_id
 GROUP BY o.iata, f.destination_code
 ORDER BY flights DESC, origin, destination
