WITH ranked AS (
    SELECT carrier_id,
           arrival_delay,
           row_number() OVER (PARTITION BY carrier_id ORDER BY arrival_delay) AS place,
           count(*) OVER (PARTITION BY carrier_id) AS n
      FROM aviation_flight
     WHERE arrival_delay IS NOT NULL
), percentiles AS (
    SELECT carrier_id,
           avg(CASE WHEN place IN ((n + 1) / 2, (n + 2) / 2) THEN arrival_delay END)
               AS median_delay,
           sum(CASE place
                   WHEN 9 * (n - 1) / 10 + 1 THEN arrival_delay * (10 - 9 * (n - 1) % 10)
                   WHEN 9 * (n - 1) / 10 + 2 THEN arrival_delay * (9 * (n - 1) % 10)
               END) / 10.0 AS delay_of_nine_in_ten
      FROM ranked
     GROUP BY carrier_id
), carriers AS (
    SELECT carrier_id,
           count(*) AS flights,
           count(*) - count(departure_time) AS cancelled,
           round(100.0 * sum(arrival_delay < 15) / count(arrival_delay), 1) AS on_time,
           avg(arrival_delay) AS mean_delay
      FROM aviation_flight
     GROUP BY carrier_id
)
SELECT a.name AS carrier,
       c.flights,
       c.cancelled,
       100.0 * c.cancelled / c.flights AS cancelled_share,
       c.on_time,
       c.mean_delay,
       p.median_delay,
       p.delay_of_nine_in_ten
  FROM carriers c
  JOIN aviation_airline a ON a.code = c.carrier_id
  LEFT JOIN percentiles p ON p.carrier_id = c.carrier_id
 ORDER BY c.on_time DESC, a.name
