-- New York is four hours behind UTC in summer, else five.
SELECT date(
           f.scheduled_departure,
           CASE
               WHEN f.scheduled_departure >= '2013-03-10 07:00:00'
                AND f.scheduled_departure < '2013-11-03 06:00:00' THEN '-4 hours'
               ELSE '-5 hours'
           END,
           'start of month'
       ) AS month,
       a.name AS carrier,
       count(*) AS flights,
       count(f.departure_delay) AS departed,
       avg(f.departure_delay) AS mean_delay,
       sum(f.distance) AS distance
  FROM aviation_flight f
  JOIN aviation_airline a ON a.code = f.carrier_id
 GROUP BY month, a.code
 ORDER BY month, a.name
