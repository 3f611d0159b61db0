-- New York is four hours behind UTC in summer, else five.
SELECT CAST(
           strftime(
               '%H',
               f.scheduled_departure,
               CASE
                   WHEN f.scheduled_departure >= '2013-03-10 07:00:00'
                    AND f.scheduled_departure < '2013-11-03 06:00:00' THEN '-4 hours'
                   ELSE '-5 hours'
               END
           ) AS integer
       ) AS hour,
       count(*) AS flights,
       sum(o.iata = 'EWR') AS newark,
       sum(o.iata = 'JFK') AS kennedy,
       sum(o.iata = 'LGA') AS la_guardia,
       count(DISTINCT f.carrier_id) AS carriers,
       avg(f.departure_delay) AS mean_delay,
       100.0 * sum(f.departure_delay >= 15) / count(f.departure_delay) AS late
  FROM aviation_flight f
  JOIN geo_airport o ON o.icao = f.origin_id
 GROUP BY hour
 ORDER BY flights DESC, hour
