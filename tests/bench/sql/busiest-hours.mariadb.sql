-- New York is four hours behind UTC in summer, else five; the server has no time zone tables.
SELECT HOUR(
           f.scheduled_departure - INTERVAL CASE
               WHEN f.scheduled_departure >= '2013-03-10 07:00:00'
                AND f.scheduled_departure < '2013-11-03 06:00:00' THEN 4
               ELSE 5
           END HOUR
       ) AS hour,
       COUNT(*) AS flights,
       SUM(o.iata = 'EWR') AS newark,
       SUM(o.iata = 'JFK') AS kennedy,
       SUM(o.iata = 'LGA') AS la_guardia,
       COUNT(DISTINCT f.carrier_id) AS carriers,
       ROUND(AVG(f.departure_delay), 1) AS mean_delay,
       ROUND(100 * SUM(f.departure_delay >= 15) / COUNT(f.departure_delay), 1) AS late
  FROM aviation_flight f
  JOIN geo_airport o ON o.icao = f.origin_id
 GROUP BY hour
 ORDER BY flights DESC, hour
