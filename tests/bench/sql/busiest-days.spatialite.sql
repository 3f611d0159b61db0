-- New York is four hours behind UTC in summer, else five.
WITH local AS MATERIALIZED (
    SELECT date(
               scheduled_departure,
               CASE
                   WHEN scheduled_departure >= '2013-03-10 07:00:00'
                    AND scheduled_departure < '2013-11-03 06:00:00' THEN '-4 hours'
                   ELSE '-5 hours'
               END
           ) AS day,
           destination_code,
           tailnum,
           distance,
           departure_time,
           departure_delay
      FROM aviation_flight
), ranked AS (
    SELECT day,
           departure_delay,
           row_number() OVER (PARTITION BY day ORDER BY departure_delay) AS place,
           count(*) OVER (PARTITION BY day) AS n
      FROM local
     WHERE departure_delay IS NOT NULL
), medians AS (
    SELECT day, avg(departure_delay) AS median_delay
      FROM ranked
     WHERE place IN ((n + 1) / 2, (n + 2) / 2)
     GROUP BY day
), days AS (
    SELECT day,
           rank() OVER (ORDER BY count(*) DESC) AS rank,
           count(*) AS flights,
           count(DISTINCT destination_code) AS destinations,
           count(DISTINCT tailnum) AS planes,
           sum(distance) AS distance,
           100.0 * (count(*) - count(departure_time)) / count(*) AS cancelled
      FROM local
     GROUP BY day
)
SELECT d.*, m.median_delay
  FROM days d
  LEFT JOIN medians m ON m.day = d.day
 ORDER BY d.flights DESC, d.day
