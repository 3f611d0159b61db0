SELECT extract(hour FROM f.scheduled_departure AT TIME ZONE 'America/New_York') AS hour,
       count(*) AS flights,
       count(*) FILTER (WHERE o.iata = 'EWR') AS newark,
       count(*) FILTER (WHERE o.iata = 'JFK') AS kennedy,
       count(*) FILTER (WHERE o.iata = 'LGA') AS la_guardia,
       count(DISTINCT f.carrier_id) AS carriers,
       round(avg(f.departure_delay), 1) AS mean_delay,
       round(
           100.0 * count(*) FILTER (WHERE f.departure_delay >= 15)
           / nullif(count(f.departure_delay), 0),
           1
       ) AS late
  FROM aviation_flight f
  JOIN geo_airport o ON o.icao = f.origin_id
 GROUP BY hour
 ORDER BY flights DESC, hour
