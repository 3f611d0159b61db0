SELECT date_trunc('month', f.scheduled_departure AT TIME ZONE 'America/New_York')::date AS month,
       a.name AS carrier,
       count(*) AS flights,
       count(f.departure_delay) AS departed,
       round(avg(f.departure_delay), 2) AS mean_delay,
       sum(f.distance) AS distance
  FROM aviation_flight f
  JOIN aviation_airline a ON a.code = f.carrier_id
 GROUP BY month, a.code
 ORDER BY month, a.name
