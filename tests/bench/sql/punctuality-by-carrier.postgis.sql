SELECT a.name AS carrier,
       count(*) AS flights,
       count(*) FILTER (WHERE f.departure_time IS NULL) AS cancelled,
       round(100.0 * count(*) FILTER (WHERE f.departure_time IS NULL) / count(*), 2)
           AS cancelled_share,
       round(100.0 * count(*) FILTER (WHERE f.arrival_delay < 15) / count(f.arrival_delay), 1)
           AS on_time,
       round(avg(f.arrival_delay), 1) AS mean_delay,
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY f.arrival_delay)::numeric, 1)
           AS median_delay,
       round(percentile_cont(0.9) WITHIN GROUP (ORDER BY f.arrival_delay)::numeric, 1)
           AS delay_of_nine_in_ten
  FROM aviation_flight f
  JOIN aviation_airline a ON a.code = f.carrier_id
 GROUP BY a.code
 ORDER BY on_time DESC, a.name
