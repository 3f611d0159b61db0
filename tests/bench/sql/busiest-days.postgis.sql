SELECT (f.scheduled_departure AT TIME ZONE 'America/New_York')::date AS day,
       rank() OVER (ORDER BY count(*) DESC) AS rank,
       count(*) AS flights,
       count(DISTINCT f.destination_code) AS destinations,
       count(DISTINCT f.tailnum) AS planes,
       sum(f.distance) AS distance,
       round(100.0 * count(*) FILTER (WHERE f.departure_time IS NULL) / count(*), 1) AS cancelled,
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY f.departure_delay)::numeric, 1)
           AS median_delay
  FROM aviation_flight f
 GROUP BY day
 ORDER BY flights DESC, day
