-- report: airport-density-by-country
SELECT ANY_VALUE("geo_country"."name") AS "l0",
COUNT("geo_airport"."icao") AS "c0",
MIN("geo_country"."population") AS "c1",
MIN("geo_country"."area_km2") AS "c2",
ROUND(CAST(((COUNT("geo_airport"."icao"))::bigint * %s) AS numeric(1000, 60)) / NULLIF(MIN("geo_country"."population"), 0), 2) AS "c3",
ROUND(CAST(((COUNT("geo_airport"."icao"))::bigint * %s) AS numeric(1000, 60)) / NULLIF(MIN("geo_country"."area_km2"), 0), 2) AS "c4",
"geo_airport"."country_id" AS "k0"
FROM "geo_airport"
INNER JOIN "geo_country" ON ("geo_airport"."country_id" = "geo_country"."code")
GROUP BY 7
ORDER BY ROUND(CAST(((COUNT("geo_airport"."icao"))::bigint * %s) AS numeric(1000, 60)) / NULLIF(MIN("geo_country"."area_km2"), 0), 2) DESC NULLS LAST,
1 ASC NULLS LAST,
7 ASC NULLS LAST
-- parameters: Int4(1000000), Int4(100000), Int4(100000)
-- report: airports-by-country
SELECT ANY_VALUE("geo_country"."name") AS "l0",
COUNT("geo_airport"."icao") AS "c0",
ROUND(CAST(SUM("geo_airport"."elevation") AS numeric(1000, 30)) / NULLIF(COUNT("geo_airport"."elevation"), 0), 1) AS "c1",
STRING_AGG("geo_airport"."iata", %s ORDER BY "geo_airport"."iata" ASC NULLS LAST, "geo_airport"."iata" ASC) AS "c2",
STRING_AGG(DISTINCT "geo_airport"."timezone", %s ORDER BY "geo_airport"."timezone" ASC) AS "c3",
"geo_airport"."country_id" AS "k0"
FROM "geo_airport"
INNER JOIN "geo_country" ON ("geo_airport"."country_id" = "geo_country"."code")
GROUP BY 6
ORDER BY 2 DESC NULLS LAST,
1 ASC NULLS LAST,
6 ASC NULLS LAST
-- parameters: ', ', ', '
-- report: airports-by-time-zone
SELECT "geo_airport"."timezone" AS "k0",
COUNT("geo_airport"."icao") AS "c0",
STRING_AGG(DISTINCT "geo_country"."name", %s ORDER BY "geo_country"."name" ASC) AS "c1",
MIN("geo_airport"."elevation") AS "c2",
(SELECT ROUND(CAST(PERCENTILE_DISC((2 * (1::bigint * (COUNT("geo_airport"."elevation") - 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT("geo_airport"."elevation"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * (2 - MOD(1::bigint * (COUNT("geo_airport"."elevation") - 1), 2)) + PERCENTILE_DISC((2 * ((1::bigint * (COUNT("geo_airport"."elevation") - 1) + 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT("geo_airport"."elevation"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * MOD(1::bigint * (COUNT("geo_airport"."elevation") - 1), 2) AS numeric(1000, 60)) / 2, 1) FROM UNNEST(ARRAY_AGG("geo_airport"."elevation")) isoline_value) AS "c3",
MAX("geo_airport"."elevation") AS "c4",
((ARRAY_AGG("geo_airport"."name" ORDER BY "geo_airport"."elevation" DESC NULLS LAST, "geo_airport"."name" ASC) FILTER (WHERE "geo_airport"."name" IS NOT NULL))[1])::text COLLATE "C" AS "c5"
FROM "geo_airport"
INNER JOIN "geo_country" ON ("geo_airport"."country_id" = "geo_country"."code")
GROUP BY 1
ORDER BY 2 DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: ', '
-- report: busiest-days
SELECT CAST(DATE_TRUNC('day', ("aviation_flight"."scheduled_departure" AT TIME ZONE (#a4061032::interval[])[WIDTH_BUCKET("aviation_flight"."scheduled_departure", #1fac8f31::timestamptz[]) + 1])) AS date) AS "k0",
RANK() OVER (ORDER BY COUNT("aviation_flight"."id") DESC NULLS LAST) AS "c0",
COUNT("aviation_flight"."id") AS "c1",
COUNT(DISTINCT "aviation_flight"."destination_code") AS "c2",
COUNT(DISTINCT "aviation_flight"."tailnum") AS "c3",
SUM("aviation_flight"."distance") AS "c4",
ROUND(CAST(((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL))::bigint * %s) AS numeric(1000, 60)) / NULLIF(COUNT("aviation_flight"."id"), 0), 1) AS "c5",
(SELECT ROUND(CAST(PERCENTILE_DISC((2 * (1::bigint * (COUNT("aviation_flight"."departure_delay") - 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT("aviation_flight"."departure_delay"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * (2 - MOD(1::bigint * (COUNT("aviation_flight"."departure_delay") - 1), 2)) + PERCENTILE_DISC((2 * ((1::bigint * (COUNT("aviation_flight"."departure_delay") - 1) + 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT("aviation_flight"."departure_delay"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * MOD(1::bigint * (COUNT("aviation_flight"."departure_delay") - 1), 2) AS numeric(1000, 60)) / 2, 1) FROM UNNEST(ARRAY_AGG("aviation_flight"."departure_delay")) isoline_value) AS "c6"
FROM "aviation_flight"
GROUP BY 1
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: Int4(100)
-- report: busiest-hours
SELECT CAST(DATE_PART('hour', ("aviation_flight"."scheduled_departure" AT TIME ZONE (#a4061032::interval[])[WIDTH_BUCKET("aviation_flight"."scheduled_departure", #1fac8f31::timestamptz[]) + 1])) AS integer) AS "k0",
COUNT("aviation_flight"."id") AS "c0",
COUNT("aviation_flight"."id") FILTER (WHERE "geo_airport"."iata" = %s) AS "c1",
COUNT("aviation_flight"."id") FILTER (WHERE "geo_airport"."iata" = %s) AS "c2",
COUNT("aviation_flight"."id") FILTER (WHERE "geo_airport"."iata" = %s) AS "c3",
COUNT(DISTINCT "aviation_flight"."carrier_id") AS "c4",
ROUND(CAST(SUM("aviation_flight"."departure_delay") AS numeric(1000, 30)) / NULLIF(COUNT("aviation_flight"."departure_delay"), 0), 1) AS "c5",
ROUND(CAST(((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_delay" >= %s))::bigint * %s) AS numeric(1000, 60)) / NULLIF(COUNT("aviation_flight"."departure_delay"), 0), 1) AS "c6"
FROM "aviation_flight"
INNER JOIN "geo_airport" ON ("aviation_flight"."origin_id" = "geo_airport"."icao")
GROUP BY 1
ORDER BY 2 DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: 'EWR', 'JFK', 'LGA', Int2(15), Int4(100)
-- report: carriers-by-destination
SELECT "aviation_flight"."destination_code" AS "k0",
MIN("geo_airport"."name") AS "c0",
COUNT("aviation_flight"."id") AS "c1",
STRING_AGG(DISTINCT "aviation_airline"."name", %s ORDER BY "aviation_airline"."name" ASC) AS "c2",
ROUND(CAST(SUM("aviation_flight"."arrival_delay") AS numeric(1000, 30)) / NULLIF(COUNT("aviation_flight"."arrival_delay"), 0), 1) AS "c3"
FROM "aviation_flight"
LEFT OUTER JOIN "geo_airport" ON ("aviation_flight"."destination_id" = "geo_airport"."icao")
INNER JOIN "aviation_airline" ON ("aviation_flight"."carrier_id" = "aviation_airline"."code")
GROUP BY 1
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: ', '
-- report: cities-and-their-names
SELECT "geo_city"."name" AS "c0",
"geo_country"."name" AS "c1",
"geo_city"."population" AS "c2",
COUNT("geo_cityname"."id") AS "c3",
STRING_AGG("geo_cityname"."name", %s ORDER BY "geo_cityname"."name" ASC NULLS LAST, "geo_cityname"."name" ASC) AS "c4",
"geo_city"."geoname_id" AS "k"
FROM "geo_city"
INNER JOIN "geo_country" ON ("geo_city"."country_id" = "geo_country"."code")
LEFT OUTER JOIN "geo_cityname" ON ("geo_city"."geoname_id" = "geo_cityname"."city_id")
GROUP BY 6,
1,
2
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
6 ASC NULLS LAST
-- parameters: ' | '
-- report: cities-far-from-airports
SELECT "geo_city"."name" AS "c0",
"geo_country"."name" AS "c1",
"geo_city"."population" AS "c2",
((%s::jsonb ->> ("geo_city"."geoname_id")::text)::varchar)::text COLLATE "C" AS "c3",
ROUND(CAST((%s::jsonb ->> ("geo_city"."geoname_id")::text)::numeric AS numeric(1000, 60)) / NULLIF(%s, 0), 3) AS "c4",
"geo_city"."geoname_id" AS "k"
FROM "geo_city"
INNER JOIN "geo_country" ON ("geo_city"."country_id" = "geo_country"."code")
ORDER BY ROUND(CAST((%s::jsonb ->> ("geo_city"."geoname_id")::text)::numeric AS numeric(1000, 60)) / NULLIF(%s, 0), 3) DESC NULLS LAST,
1 ASC NULLS LAST,
6 ASC NULLS LAST
-- parameters: #d799af2f, #6cb0b9a6, Int4(1000), #6cb0b9a6, Int4(1000)
-- report: cities-named-alike
SELECT "geo_city"."name" AS "k0",
COUNT(DISTINCT "geo_city"."country_id") AS "c0",
COUNT("geo_city"."geoname_id") AS "c1",
STRING_AGG(DISTINCT "geo_country"."name", %s ORDER BY "geo_country"."name" ASC) AS "c2",
MAX("geo_city"."population") AS "c3",
SUM("geo_city"."population") AS "c4"
FROM "geo_city"
INNER JOIN "geo_country" ON ("geo_city"."country_id" = "geo_country"."code")
WHERE "geo_city"."name" IN (SELECT U0."name" AS "same" FROM "geo_city" U0 GROUP BY 1 HAVING COUNT(DISTINCT U0."country_id") > %s)
GROUP BY 1
ORDER BY 2 DESC NULLS LAST,
3 DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: ', ', Int4(1)
-- report: countries-and-their-neighbours
SELECT "geo_country"."name" AS "c0",
"geo_country"."capital" AS "c1",
CASE WHEN "geo_country"."neighbours" = %s THEN %s ELSE ((((LENGTH("geo_country"."neighbours"))::bigint - LENGTH(REPLACE("geo_country"."neighbours", (%s)::text COLLATE "C", (%s)::text COLLATE "C"))))::bigint + %s) END AS "c2",
"geo_country"."neighbours" AS "c3",
"geo_country"."population" AS "c4",
ROUND(CAST("geo_country"."population" AS numeric(1000, 60)) / NULLIF("geo_country"."area_km2", 0), 1) AS "c5",
"geo_country"."code" AS "k"
FROM "geo_country"
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
7 ASC NULLS LAST
-- parameters: '', Int4(0), ',', '', Int4(1)
-- report: countries-by-continent
SELECT "geo_country"."continent" AS "k0",
COUNT("geo_country"."code") AS "c0",
COUNT("geo_countryshape"."country_id") AS "c1",
STRING_AGG(DISTINCT (GeometryType("geo_countryshape"."area"))::text COLLATE "C", %s ORDER BY (GeometryType("geo_countryshape"."area"))::text COLLATE "C" ASC) AS "c2",
SUM("geo_country"."population") AS "c3",
SUM("geo_country"."area_km2") AS "c4",
SUM("geo_countryshape"."square_metres") AS "c5"
FROM "geo_country"
LEFT OUTER JOIN "geo_countryshape" ON ("geo_country"."code" = "geo_countryshape"."country_id")
GROUP BY 1
ORDER BY SUM("geo_country"."population") DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: ', '
-- report: countries-by-main-language
SELECT LEFT((COALESCE(REPLACE("geo_country"."languages", (%s)::text COLLATE "C", (%s)::text COLLATE "C"), '') || COALESCE((%s)::text COLLATE "C", '')), (CASE WHEN ((STRPOS((COALESCE(REPLACE("geo_country"."languages", (%s)::text COLLATE "C", (%s)::text COLLATE "C"), '') || COALESCE((%s)::text COLLATE "C", '')), (%s)::text COLLATE "C"))::bigint - %s) < 0 THEN 0 WHEN ((STRPOS((COALESCE(REPLACE("geo_country"."languages", (%s)::text COLLATE "C", (%s)::text COLLATE "C"), '') || COALESCE((%s)::text COLLATE "C", '')), (%s)::text COLLATE "C"))::bigint - %s) > 2147483647 THEN 2147483647 ELSE ((STRPOS((COALESCE(REPLACE("geo_country"."languages", (%s)::text COLLATE "C", (%s)::text COLLATE "C"), '') || COALESCE((%s)::text COLLATE "C", '')), (%s)::text COLLATE "C"))::bigint - %s) END)::int) AS "k0",
COUNT("geo_country"."code") AS "c0",
STRING_AGG("geo_country"."name", %s ORDER BY "geo_country"."population" DESC NULLS LAST, "geo_country"."name" ASC) AS "c1",
SUM("geo_country"."population") AS "c2",
(SELECT ROUND(CAST(PERCENTILE_DISC((2 * (1::bigint * (COUNT("geo_country"."population") - 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT("geo_country"."population"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * (2 - MOD(1::bigint * (COUNT("geo_country"."population") - 1), 2)) + PERCENTILE_DISC((2 * ((1::bigint * (COUNT("geo_country"."population") - 1) + 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT("geo_country"."population"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * MOD(1::bigint * (COUNT("geo_country"."population") - 1), 2) AS numeric(1000, 60)) / 2, 0) FROM UNNEST(ARRAY_AGG("geo_country"."population")) isoline_value) AS "c3"
FROM "geo_country"
WHERE NOT ("geo_country"."languages" = %s)
GROUP BY 1
ORDER BY 2 DESC NULLS LAST,
SUM("geo_country"."population") DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: '-', ',', ',', '-', ',', ',', ',', Int4(1), '-', ',', ',', ',', Int4(1), '-', ',', ',', ',', Int4(1), ', ', ''
-- report: country-shapes
SELECT "geo_country"."name" AS "c0",
"geo_country"."code" AS "c1",
ROUND(CAST("geo_countryshape"."square_metres" AS numeric(1000, 60)) / NULLIF(%s, 0), 0) AS "c2",
"geo_countryshape"."area" AS "c3",
"geo_country"."code" AS "k"
FROM "geo_country"
LEFT OUTER JOIN "geo_countryshape" ON ("geo_country"."code" = "geo_countryshape"."country_id")
ORDER BY ROUND(CAST("geo_countryshape"."square_metres" AS numeric(1000, 60)) / NULLIF(%s, 0), 0) DESC NULLS LAST,
1 ASC NULLS LAST,
5 ASC NULLS LAST
-- parameters: Int4(1000000), Int4(1000000)
-- report: currencies-and-capitals
SELECT "geo_country"."currency_code" AS "k0",
MIN("geo_country"."currency_name") AS "c0",
COUNT("geo_country"."code") AS "c1",
STRING_AGG("geo_country"."name", %s ORDER BY "geo_country"."population" DESC NULLS LAST, "geo_country"."name" ASC) AS "c2",
STRING_AGG("geo_country"."capital", %s ORDER BY "geo_country"."capital" ASC NULLS LAST, "geo_country"."capital" ASC) FILTER (WHERE NOT ("geo_country"."capital" = %s)) AS "c3",
SUM("geo_country"."population") AS "c4",
SUM("geo_country"."area_km2") AS "c5",
ROUND(CAST(SUM("geo_country"."population") AS numeric(1000, 60)) / NULLIF(SUM("geo_country"."area_km2"), 0), 1) AS "c6"
FROM "geo_country"
WHERE NOT ("geo_country"."currency_code" = %s)
GROUP BY 1
ORDER BY 3 DESC NULLS LAST,
SUM("geo_country"."population") DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: ', ', ', ', '', ''
-- report: delays-by-distance
SELECT (DIV(FLOOR("aviation_flight"."distance"), NULLIF(%s, 0)) * %s) AS "k0",
COUNT("aviation_flight"."id") AS "c0",
COUNT(DISTINCT "aviation_flight"."destination_code") AS "c1",
ROUND(CAST(SUM("aviation_flight"."arrival_delay") AS numeric(1000, 30)) / NULLIF(COUNT("aviation_flight"."arrival_delay"), 0), 1) AS "c2",
ROUND(CAST(((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL))::bigint * %s) AS numeric(1000, 60)) / NULLIF(COUNT("aviation_flight"."id"), 0), 1) AS "c3"
FROM "aviation_flight"
GROUP BY 1,
(DIV(FLOOR("aviation_flight"."distance"), NULLIF(%s, 0)) * %s)
ORDER BY (DIV(FLOOR("aviation_flight"."distance"), NULLIF(%s, 0)) * %s) ASC NULLS LAST
-- parameters: Int4(500), Int4(500), Int4(100), Int4(500), Int4(500), Int4(500), Int4(500)
-- report: delays-by-month
SELECT CAST(DATE_TRUNC('month', ("aviation_flight"."scheduled_departure" AT TIME ZONE (#a4061032::interval[])[WIDTH_BUCKET("aviation_flight"."scheduled_departure", #1fac8f31::timestamptz[]) + 1])) AS date) AS "k0",
ANY_VALUE("aviation_airline"."name") AS "l1",
COUNT("aviation_flight"."id") AS "c0",
COUNT("aviation_flight"."departure_delay") AS "c1",
ROUND(CAST(SUM("aviation_flight"."departure_delay") AS numeric(1000, 30)) / NULLIF(COUNT("aviation_flight"."departure_delay"), 0), 2) AS "c2",
SUM("aviation_flight"."distance") AS "c3",
"aviation_flight"."carrier_id" AS "k1"
FROM "aviation_flight"
INNER JOIN "aviation_airline" ON ("aviation_flight"."carrier_id" = "aviation_airline"."code")
GROUP BY 1,
7
ORDER BY 1 ASC NULLS LAST,
2 ASC NULLS LAST,
7 ASC NULLS LAST
-- parameters: 
-- report: delays-by-weather
SELECT (CASE WHEN "aviation_weather"."precipitation" = %s THEN %s WHEN "aviation_weather"."precipitation" < %s THEN %s WHEN "aviation_weather"."precipitation" >= %s THEN %s ELSE NULL END)::text COLLATE "C" AS "k0",
(CASE WHEN "aviation_weather"."wind_speed" < %s THEN %s WHEN "aviation_weather"."wind_speed" < %s THEN %s WHEN "aviation_weather"."wind_speed" >= %s THEN %s ELSE NULL END)::text COLLATE "C" AS "k1",
COUNT(DISTINCT "aviation_weather"."id") AS "c0",
COUNT("aviation_flight"."id") AS "c1",
ROUND(CAST(((COUNT("aviation_weather"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL))::bigint * %s) AS numeric(1000, 60)) / NULLIF(COUNT("aviation_weather"."id"), 0), 1) AS "c2",
ROUND(CAST(SUM("aviation_flight"."departure_delay") AS numeric(1000, 30)) / NULLIF(COUNT("aviation_flight"."departure_delay"), 0), 1) AS "c3",
(SELECT ROUND(CAST(PERCENTILE_DISC((2 * (1::bigint * (COUNT("aviation_flight"."departure_delay") - 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT("aviation_flight"."departure_delay"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * (2 - MOD(1::bigint * (COUNT("aviation_flight"."departure_delay") - 1), 2)) + PERCENTILE_DISC((2 * ((1::bigint * (COUNT("aviation_flight"."departure_delay") - 1) + 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT("aviation_flight"."departure_delay"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * MOD(1::bigint * (COUNT("aviation_flight"."departure_delay") - 1), 2) AS numeric(1000, 60)) / 2, 1) FROM UNNEST(ARRAY_AGG("aviation_flight"."departure_delay")) isoline_value) AS "c4",
ROUND(CAST(SUM("aviation_weather"."visibility") AS numeric(1000, 30)) / NULLIF(COUNT("aviation_weather"."visibility"), 0), 1) AS "c5"
FROM "aviation_weather"
INNER JOIN "geo_airport" ON ("aviation_weather"."origin_id" = "geo_airport"."icao")
INNER JOIN "aviation_flight" ON ("geo_airport"."icao" = "aviation_flight"."origin_id")
WHERE "aviation_flight"."time_hour" = ("aviation_weather"."time")
GROUP BY 1,
2
ORDER BY ROUND(CAST(SUM("aviation_flight"."departure_delay") AS numeric(1000, 30)) / NULLIF(COUNT("aviation_flight"."departure_delay"), 0), 1) DESC NULLS LAST,
1 ASC NULLS LAST,
2 ASC NULLS LAST
-- parameters: Decimal('0'), 'none', Decimal('1'), 'light: under 1 mm', Decimal('1'), 'heavy: 1 mm and more', Decimal('4'), 'light: under 4 m/s', Decimal('8'), 'moderate: under 8 m/s', Decimal('8'), 'strong: 8 m/s and more', Int4(100)
-- report: fleet-age
SELECT "aviation_plane"."manufacturer" AS "k0",
COUNT("aviation_plane"."tailnum") AS "c0",
COUNT("aviation_plane"."year") AS "c1",
ROUND(CAST(SUM(((%s)::bigint - "aviation_plane"."year")) AS numeric(1000, 30)) / NULLIF(COUNT(((%s)::bigint - "aviation_plane"."year")), 0), 1) AS "c2",
(SELECT ROUND(CAST(PERCENTILE_DISC((2 * (1::bigint * (COUNT(((%s)::bigint - "aviation_plane"."year")) - 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT(((%s)::bigint - "aviation_plane"."year")), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * (2 - MOD(1::bigint * (COUNT(((%s)::bigint - "aviation_plane"."year")) - 1), 2)) + PERCENTILE_DISC((2 * ((1::bigint * (COUNT(((%s)::bigint - "aviation_plane"."year")) - 1) + 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT(((%s)::bigint - "aviation_plane"."year")), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * MOD(1::bigint * (COUNT(((%s)::bigint - "aviation_plane"."year")) - 1), 2) AS numeric(1000, 60)) / 2, 1) FROM UNNEST(ARRAY_AGG(((%s)::bigint - "aviation_plane"."year"))) isoline_value) AS "c3",
MAX(((%s)::bigint - "aviation_plane"."year")) AS "c4",
((ARRAY_AGG("aviation_plane"."tailnum" ORDER BY "aviation_plane"."year" ASC NULLS LAST, "aviation_plane"."tailnum" ASC) FILTER (WHERE "aviation_plane"."tailnum" IS NOT NULL))[1])::text COLLATE "C" AS "c5",
MIN(((%s)::bigint - "aviation_plane"."year")) AS "c6",
ROUND(CAST(((COUNT("aviation_plane"."tailnum") FILTER (WHERE "aviation_plane"."year" < %s))::bigint * %s) AS numeric(1000, 60)) / NULLIF(COUNT("aviation_plane"."year"), 0), 1) AS "c7"
FROM "aviation_plane"
GROUP BY 1
ORDER BY 2 DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: Int4(2013), Int4(2013), Int4(2013), Int4(2013), Int4(2013), Int4(2013), Int4(2013), Int4(2013), Int4(2013), Int4(2013), Int4(2013), Int2(1993), Int4(100)
-- report: flights-over-an-area
SELECT ANY_VALUE("aviation_airline"."name") AS "l0",
COUNT("aviation_flight"."id") AS "c0",
COUNT(DISTINCT "aviation_flight"."destination_code") AS "c1",
STRING_AGG(DISTINCT "aviation_flight"."destination_code", %s ORDER BY "aviation_flight"."destination_code" ASC) AS "c2",
SUM("aviation_flight"."distance") AS "c3",
ROUND(CAST(((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL))::bigint * %s) AS numeric(1000, 60)) / NULLIF(COUNT("aviation_flight"."id"), 0), 1) AS "c4",
"aviation_flight"."carrier_id" AS "k0"
FROM "aviation_flight"
INNER JOIN "aviation_airline" ON ("aviation_flight"."carrier_id" = "aviation_airline"."code")
GROUP BY 7
ORDER BY 2 DESC NULLS LAST,
1 ASC NULLS LAST,
7 ASC NULLS LAST
-- parameters: ', ', Int4(100)
-- report: highest-airports
SELECT "geo_airport"."name" AS "c0",
"geo_country"."name" AS "c1",
"geo_airport"."elevation" AS "c2",
RANK() OVER (PARTITION BY "geo_airport"."country_id" ORDER BY "geo_airport"."elevation" DESC NULLS LAST) AS "c3",
COUNT("geo_airport"."icao") OVER (PARTITION BY "geo_airport"."country_id" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "c4",
"geo_airport"."icao" AS "c5",
"geo_airport"."iata" AS "c6",
"geo_airport"."icao" AS "k"
FROM "geo_airport"
INNER JOIN "geo_country" ON ("geo_airport"."country_id" = "geo_country"."code")
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
8 ASC NULLS LAST
-- parameters: 
-- report: large-cities
SELECT "geo_city"."name" AS "c0",
"geo_country"."name" AS "c1",
"geo_city"."population" AS "c2",
"geo_city"."location" AS "c3",
"geo_city"."geoname_id" AS "k"
FROM "geo_city"
INNER JOIN "geo_country" ON ("geo_city"."country_id" = "geo_country"."code")
WHERE "geo_city"."population" > %s
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
5 ASC NULLS LAST
-- parameters: Int8(1000000)
-- report: names-by-country
SELECT ANY_VALUE("geo_country"."name") AS "l0",
COUNT(DISTINCT "geo_city"."geoname_id") AS "c0",
COUNT("geo_cityname"."id") AS "c1",
ROUND(CAST(COUNT("geo_cityname"."id") AS numeric(1000, 60)) / NULLIF(COUNT(DISTINCT "geo_city"."geoname_id"), 0), 1) AS "c2",
ROUND(CAST(SUM(LENGTH("geo_cityname"."name")) AS numeric(1000, 30)) / NULLIF(COUNT(LENGTH("geo_cityname"."name")), 0), 1) AS "c3",
MAX(LENGTH("geo_cityname"."name")) AS "c4",
((ARRAY_AGG("geo_cityname"."name" ORDER BY LENGTH("geo_cityname"."name") DESC NULLS LAST, "geo_cityname"."name" ASC) FILTER (WHERE "geo_cityname"."name" IS NOT NULL))[1])::text COLLATE "C" AS "c5",
"geo_city"."country_id" AS "k0"
FROM "geo_city"
INNER JOIN "geo_country" ON ("geo_city"."country_id" = "geo_country"."code")
LEFT OUTER JOIN "geo_cityname" ON ("geo_city"."geoname_id" = "geo_cityname"."city_id")
GROUP BY 8
ORDER BY ROUND(CAST(COUNT("geo_cityname"."id") AS numeric(1000, 60)) / NULLIF(COUNT(DISTINCT "geo_city"."geoname_id"), 0), 1) DESC NULLS LAST,
1 ASC NULLS LAST,
8 ASC NULLS LAST
-- parameters: 
-- report: nearest-airports-of-large-cities
SELECT "geo_city"."name" AS "c0",
"geo_country"."name" AS "c1",
"geo_city"."population" AS "c2",
((%s::jsonb ->> ("geo_city"."geoname_id")::text)::varchar)::text COLLATE "C" AS "c3",
((%s::jsonb ->> ("geo_city"."geoname_id")::text)::varchar)::text COLLATE "C" AS "c4",
ROUND(CAST((%s::jsonb ->> ("geo_city"."geoname_id")::text)::numeric AS numeric(1000, 60)) / NULLIF(%s, 0), 1) AS "c5",
(%s::jsonb ->> ("geo_city"."geoname_id")::text)::bigint AS "c6",
"geo_city"."geoname_id" AS "k"
FROM "geo_city"
INNER JOIN "geo_country" ON ("geo_city"."country_id" = "geo_country"."code")
WHERE "geo_city"."population" > %s
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
8 ASC NULLS LAST
-- parameters: #07c323ac, #ab33a346, #338e7022, Int4(1000), #e8960c38, Int8(1000000)
-- report: neighbours-on-the-map
SELECT "geo_country"."name" AS "c0",
((%s::jsonb ->> ("geo_countryshape"."country_id")::text)::text)::text COLLATE "C" AS "c1",
((((LENGTH(((%s::jsonb ->> ("geo_countryshape"."country_id")::text)::text)::text COLLATE "C"))::bigint - LENGTH(REPLACE(((%s::jsonb ->> ("geo_countryshape"."country_id")::text)::text)::text COLLATE "C", (%s)::text COLLATE "C", (%s)::text COLLATE "C"))))::bigint + %s) AS "c2",
"geo_country"."neighbours" AS "c3",
"geo_countryshape"."country_id" AS "k"
FROM "geo_countryshape"
INNER JOIN "geo_country" ON ("geo_countryshape"."country_id" = "geo_country"."code")
ORDER BY 1 ASC NULLS LAST,
5 ASC NULLS LAST
-- parameters: #bdbd278e, #bdbd278e, #bdbd278e, ',', '', Int4(1)
-- report: planes-by-model
SELECT "aviation_plane"."manufacturer" AS "k0",
"aviation_plane"."model" AS "k1",
COUNT("aviation_plane"."tailnum") AS "c0",
MIN("aviation_plane"."engine") AS "c1",
ROUND(CAST(SUM("aviation_plane"."seats") AS numeric(1000, 30)) / NULLIF(COUNT("aviation_plane"."seats"), 0), 1) AS "c2",
ROUND(CAST(SUM("aviation_plane"."year") AS numeric(1000, 30)) / NULLIF(COUNT("aviation_plane"."year"), 0), 1) AS "c3"
FROM "aviation_plane"
GROUP BY 1,
2
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
2 ASC NULLS LAST
-- parameters: 
-- report: punctuality-by-carrier
SELECT ANY_VALUE("aviation_airline"."name") AS "l0",
COUNT("aviation_flight"."id") AS "c0",
COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) AS "c1",
ROUND(CAST(((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL))::bigint * %s) AS numeric(1000, 60)) / NULLIF(COUNT("aviation_flight"."id"), 0), 2) AS "c2",
ROUND(CAST(((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."arrival_delay" < %s))::bigint * %s) AS numeric(1000, 60)) / NULLIF(COUNT("aviation_flight"."arrival_delay"), 0), 1) AS "c3",
ROUND(CAST(SUM("aviation_flight"."arrival_delay") AS numeric(1000, 30)) / NULLIF(COUNT("aviation_flight"."arrival_delay"), 0), 1) AS "c4",
(SELECT ROUND(CAST(PERCENTILE_DISC((2 * (1::bigint * (COUNT("aviation_flight"."arrival_delay") - 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT("aviation_flight"."arrival_delay"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * (2 - MOD(1::bigint * (COUNT("aviation_flight"."arrival_delay") - 1), 2)) + PERCENTILE_DISC((2 * ((1::bigint * (COUNT("aviation_flight"."arrival_delay") - 1) + 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT("aviation_flight"."arrival_delay"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * MOD(1::bigint * (COUNT("aviation_flight"."arrival_delay") - 1), 2) AS numeric(1000, 60)) / 2, 1) FROM UNNEST(ARRAY_AGG("aviation_flight"."arrival_delay")) isoline_value) AS "c5",
(SELECT ROUND(CAST(PERCENTILE_DISC((2 * (9::bigint * (COUNT("aviation_flight"."arrival_delay") - 1) / 10 + 1) - 1)::float8 / NULLIF(2 * COUNT("aviation_flight"."arrival_delay"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * (10 - MOD(9::bigint * (COUNT("aviation_flight"."arrival_delay") - 1), 10)) + PERCENTILE_DISC((2 * ((9::bigint * (COUNT("aviation_flight"."arrival_delay") - 1) + 9) / 10 + 1) - 1)::float8 / NULLIF(2 * COUNT("aviation_flight"."arrival_delay"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * MOD(9::bigint * (COUNT("aviation_flight"."arrival_delay") - 1), 10) AS numeric(1000, 60)) / 10, 1) FROM UNNEST(ARRAY_AGG("aviation_flight"."arrival_delay")) isoline_value) AS "c6",
"aviation_flight"."carrier_id" AS "k0"
FROM "aviation_flight"
INNER JOIN "aviation_airline" ON ("aviation_flight"."carrier_id" = "aviation_airline"."code")
GROUP BY 9
ORDER BY ROUND(CAST(((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."arrival_delay" < %s))::bigint * %s) AS numeric(1000, 60)) / NULLIF(COUNT("aviation_flight"."arrival_delay"), 0), 1) DESC NULLS LAST,
1 ASC NULLS LAST,
9 ASC NULLS LAST
-- parameters: Int4(100), Int2(15), Int4(100), Int2(15), Int4(100)
-- report: routes-and-their-delays
SELECT "geo_airport"."iata" AS "k0",
"aviation_flight"."destination_code" AS "k1",
MIN(T3."name") AS "c0",
COUNT("aviation_flight"."id") AS "c1",
STRING_AGG(DISTINCT "aviation_flight"."carrier_id", %s ORDER BY "aviation_flight"."carrier_id" ASC) AS "c2",
(MODE() WITHIN GROUP (ORDER BY "aviation_flight"."carrier_id"))::text COLLATE "C" AS "c3",
MIN("aviation_flight"."distance") AS "c4",
MIN("aviation_flight"."air_time") AS "c5",
ROUND(CAST((SUM("aviation_flight"."distance") FILTER (WHERE "aviation_flight"."air_time" IS NOT NULL) * %s) AS numeric(1000, 60)) / NULLIF(SUM("aviation_flight"."air_time"), 0), 0) AS "c6",
ROUND(CAST(((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."arrival_delay" >= %s))::bigint * %s) AS numeric(1000, 60)) / NULLIF(COUNT("aviation_flight"."arrival_delay"), 0), 1) AS "c7"
FROM "aviation_flight"
INNER JOIN "geo_airport" ON ("aviation_flight"."origin_id" = "geo_airport"."icao")
LEFT OUTER JOIN "geo_airport" T3 ON ("aviation_flight"."destination_id" = T3."icao")
GROUP BY 1,
2
ORDER BY 4 DESC NULLS LAST,
1 ASC NULLS LAST,
2 ASC NULLS LAST
-- parameters: ', ', Int4(60), Int2(15), Int4(100)
-- report: routes-and-what-they-cross
SELECT "geo_airport"."iata" AS "c0",
T3."name" AS "c1",
ROUND(CAST("aviation_route"."length_m" AS numeric(1000, 60)) / NULLIF(%s, 0), 1) AS "c2",
((%s::jsonb ->> ("aviation_route"."id")::text)::text)::text COLLATE "C" AS "c3",
"aviation_route"."id" AS "k"
FROM "aviation_route"
INNER JOIN "geo_airport" ON ("aviation_route"."origin_id" = "geo_airport"."icao")
INNER JOIN "geo_airport" T3 ON ("aviation_route"."destination_id" = T3."icao")
ORDER BY ROUND(CAST("aviation_route"."length_m" AS numeric(1000, 60)) / NULLIF(%s, 0), 1) DESC NULLS LAST,
1 ASC NULLS LAST,
2 ASC NULLS LAST,
5 ASC NULLS LAST
-- parameters: Int4(1000), #eea3c6ef, Int4(1000)
-- report: seats-by-engine
SELECT "aviation_plane"."engine" AS "k0",
"aviation_plane"."engines" AS "k1",
COUNT("aviation_plane"."tailnum") AS "c0",
SUM("aviation_plane"."seats") AS "c1",
MIN("aviation_plane"."seats") AS "c2",
MAX("aviation_plane"."seats") AS "c3",
ROUND(CAST(SUM("aviation_plane"."seats") AS numeric(1000, 30)) / NULLIF(COUNT("aviation_plane"."seats"), 0), 1) AS "c4",
(SELECT ROUND(CAST(PERCENTILE_DISC((2 * (1::bigint * (COUNT("aviation_plane"."seats") - 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT("aviation_plane"."seats"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * (2 - MOD(1::bigint * (COUNT("aviation_plane"."seats") - 1), 2)) + PERCENTILE_DISC((2 * ((1::bigint * (COUNT("aviation_plane"."seats") - 1) + 1) / 2 + 1) - 1)::float8 / NULLIF(2 * COUNT("aviation_plane"."seats"), 0)) WITHIN GROUP (ORDER BY isoline_value)::numeric * MOD(1::bigint * (COUNT("aviation_plane"."seats") - 1), 2) AS numeric(1000, 60)) / 2, 1) FROM UNNEST(ARRAY_AGG("aviation_plane"."seats")) isoline_value) AS "c5",
(DIV(TRUNC(SQRT(CAST(DIV(4 * (COUNT("aviation_plane"."seats") * SUM("aviation_plane"."seats"::bigint * "aviation_plane"."seats") - CAST(SUM("aviation_plane"."seats") AS numeric) * SUM("aviation_plane"."seats")) * 1e4, NULLIF(COUNT("aviation_plane"."seats")::numeric * (COUNT("aviation_plane"."seats") - 0), 0)) AS numeric(1000, 60)))) + 1, 2) * 0.01) AS "c6",
(MODE() WITHIN GROUP (ORDER BY "aviation_plane"."model"))::text COLLATE "C" AS "c7",
STRING_AGG(DISTINCT "aviation_plane"."manufacturer", %s ORDER BY "aviation_plane"."manufacturer" ASC) AS "c8"
FROM "aviation_plane"
GROUP BY 1,
2
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
2 ASC NULLS LAST
-- parameters: ', '
-- report: states-by-airport-density
SELECT "geo_state"."name" AS "c0",
"geo_country"."name" AS "c1",
(%s::jsonb ->> ("geo_state"."code")::text)::bigint AS "c2",
ROUND(CAST("geo_state"."square_metres" AS numeric(1000, 60)) / NULLIF(%s, 0), 0) AS "c3",
ROUND(CAST((((%s::jsonb ->> ("geo_state"."code")::text)::bigint)::bigint * %s) AS numeric(1000, 60)) / NULLIF("geo_state"."square_metres", 0), 2) AS "c4",
"geo_state"."code" AS "k"
FROM "geo_state"
INNER JOIN "geo_country" ON ("geo_state"."country_id" = "geo_country"."code")
ORDER BY ROUND(CAST((((%s::jsonb ->> ("geo_state"."code")::text)::bigint)::bigint * %s) AS numeric(1000, 60)) / NULLIF("geo_state"."square_metres", 0), 2) DESC NULLS LAST,
1 ASC NULLS LAST,
6 ASC NULLS LAST
-- parameters: #d0508691, Int4(1000000), #d0508691, Int4(100000000000), #d0508691, Int4(100000000000)
