-- New York is four hours behind UTC in summer, else five; the server has no time zone tables.
SELECT CAST(
           DATE_FORMAT(
               f.scheduled_departure - INTERVAL CASE
                   WHEN f.scheduled_departure >= '2013-03-10 07:00:00'
                    AND f.scheduled_departure < '2013-11-03 06:00:00' THEN 4
                   ELSE 5
               END HOUR,
               '%Y-%m-01'
           ) AS DATE
       ) AS month,
       a.name AS carrier,
       COUNT(*) AS flights,
       COUNT(f.departure_delay) AS departed,
       ROUND(AVG(f.departure_delay), 2) AS mean_delay,
       SUM(f.distance) AS distance
  FROM aviation_flight f
  JOIN aviation_airline a ON a.code = f.carrier_id
 GROUP BY month, a.code
 ORDER BY month, a.name
