-- New York is four hours behind UTC in summer, else five; the server has no time zone tables.
WITH local AS (
    SELECT f.*,
           DATE(
               scheduled_departure - INTERVAL CASE
                   WHEN scheduled_departure >= '2013-03-10 07:00:00'
                    AND scheduled_departure < '2013-11-03 06:00:00' THEN 4
                   ELSE 5
               END HOUR
           ) AS day
      FROM aviation_flight f
), ranked AS (
    SELECT day,
           departure_delay,
           ROW_NUMBER() OVER (PARTITION BY day ORDER BY departure_delay) AS place,
           COUNT(*) OVER (PARTITION BY day) AS n
      FROM local
     WHERE departure_delay IS NOT NULL
), medians AS (
    SELECT day, AVG(departure_delay) AS median_delay
      FROM ranked
     WHERE place IN ((n + 1) DIV 2, (n + 2) DIV 2)
     GROUP BY day
), days AS (
    SELECT day,
           RANK() OVER (ORDER BY COUNT(*) DESC) AS place,
           COUNT(*) AS flights,
           COUNT(DISTINCT destination_code) AS destinations,
           COUNT(DISTINCT tailnum) AS planes,
           SUM(distance) AS distance,
           ROUND(100 * (COUNT(*) - COUNT(departure_time)) / COUNT(*), 1) AS cancelled
      FROM local
     GROUP BY day
)
SELECT d.*, ROUND(m.median_delay, 1) AS median_delay
  FROM days d
  LEFT JOIN medians m ON m.day = d.day
 ORDER BY d.flights DESC, d.day
