WITH ranked AS (
    SELECT carrier_id,
           arrival_delay,
           ROW_NUMBER() OVER (PARTITION BY carrier_id ORDER BY arrival_delay) AS place,
           COUNT(*) OVER (PARTITION BY carrier_id) AS n
      FROM aviation_flight
     WHERE arrival_delay IS NOT NULL
), percentiles AS (
    SELECT carrier_id,
           AVG(CASE WHEN place IN ((n + 1) DIV 2, (n + 2) DIV 2) THEN arrival_delay END)
               AS median_delay,
           SUM(CASE place
                   WHEN 9 * (n - 1) DIV 10 + 1 THEN arrival_delay * (10 - 9 * (n - 1) MOD 10)
                   WHEN 9 * (n - 1) DIV 10 + 2 THEN arrival_delay * (9 * (n - 1) MOD 10)
               END) / 10 AS delay_of_nine_in_ten
      FROM ranked
     GROUP BY carrier_id
), carriers AS (
    SELECT carrier_id,
           COUNT(*) AS flights,
           COUNT(*) - COUNT(departure_time) AS cancelled,
           ROUND(100 * SUM(arrival_delay < 15) / COUNT(arrival_delay), 1) AS on_time,
           ROUND(AVG(arrival_delay), 1) AS mean_delay
      FROM aviation_flight
     GROUP BY carrier_id
)
SELECT a.name AS carrier,
       c.flights,
       c.cancelled,
       ROUND(100 * c.cancelled / c.flights, 2) AS cancelled_share,
       c.on_time,
       c.mean_delay,
       ROUND(p.median_delay, 1) AS median_delay,
       ROUND(p.delay_of_nine_in_ten, 1) AS delay_of_nine_in_ten
  FROM carriers c
  JOIN aviation_airline a ON a.code = c.carrier_id
  LEFT JOIN percentiles p ON p.carrier_id = c.carrier_id
 ORDER BY c.on_time DESC, a.name
