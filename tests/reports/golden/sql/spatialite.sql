-- report: airport-density-by-country
SELECT ("geo_country"."name") COLLATE BINARY AS "l0",
COUNT("geo_airport"."icao") AS "c0",
MIN("geo_country"."population") AS "c1",
(CAST(MIN((CAST("geo_country"."area_km2" AS NUMERIC))) AS NUMERIC)) AS "c2",
isoline_divide(CASE typeof((COUNT("geo_airport"."icao") * %s)) WHEN 'real' THEN isoline_exact((COUNT("geo_airport"."icao") * %s), 0) ELSE (COUNT("geo_airport"."icao") * %s) END, MIN("geo_country"."population"), 0, 2) AS "c3",
isoline_divide(CASE typeof((COUNT("geo_airport"."icao") * %s)) WHEN 'real' THEN isoline_exact((COUNT("geo_airport"."icao") * %s), 0) ELSE (COUNT("geo_airport"."icao") * %s) END, (CAST(MIN((CAST("geo_country"."area_km2" AS NUMERIC))) AS NUMERIC)), 2, 2) AS "c4",
("geo_airport"."country_id") COLLATE BINARY AS "k0"
FROM "geo_airport"
INNER JOIN "geo_country" ON ("geo_airport"."country_id" = "geo_country"."code")
GROUP BY 7
ORDER BY isoline_sort_key(isoline_divide(CASE typeof((COUNT("geo_airport"."icao") * %s)) WHEN 'real' THEN isoline_exact((COUNT("geo_airport"."icao") * %s), 0) ELSE (COUNT("geo_airport"."icao") * %s) END, (CAST(MIN((CAST("geo_country"."area_km2" AS NUMERIC))) AS NUMERIC)), 2, 2)) DESC NULLS LAST,
1 ASC NULLS LAST,
7 ASC NULLS LAST
-- parameters: 1000000, 1000000, 1000000, 100000, 100000, 100000, 100000, 100000, 100000
-- report: airports-by-country
SELECT ("geo_country"."name") COLLATE BINARY AS "l0",
COUNT("geo_airport"."icao") AS "c0",
isoline_quotient(SUM(CAST(ROUND(("geo_airport"."elevation") * 100) AS INTEGER)), 2, COUNT("geo_airport"."elevation"), 1) AS "c1",
STRING_AGG(("geo_airport"."iata") COLLATE BINARY, %s ORDER BY ("geo_airport"."iata") COLLATE BINARY ASC NULLS LAST, ("geo_airport"."iata") COLLATE BINARY ASC) AS "c2",
isoline_join(JSON_GROUP_ARRAY(DISTINCT ("geo_airport"."timezone") COLLATE BINARY), %s, 0) AS "c3",
("geo_airport"."country_id") COLLATE BINARY AS "k0"
FROM "geo_airport"
INNER JOIN "geo_country" ON ("geo_airport"."country_id" = "geo_country"."code")
GROUP BY 6
ORDER BY 2 DESC NULLS LAST,
1 ASC NULLS LAST,
6 ASC NULLS LAST
-- parameters: ', ', ', '
-- report: airports-by-time-zone
SELECT ("geo_airport"."timezone") COLLATE BINARY AS "k0",
COUNT("geo_airport"."icao") AS "c0",
isoline_join(JSON_GROUP_ARRAY(DISTINCT ("geo_country"."name") COLLATE BINARY), %s, 0) AS "c1",
(CAST(MIN((CAST("geo_airport"."elevation" AS NUMERIC))) AS NUMERIC)) AS "c2",
isoline_percentile_cont(CAST(ROUND(("geo_airport"."elevation") * 100) AS INTEGER), 1, 2, 2, 1) AS "c3",
(CAST(MAX((CAST("geo_airport"."elevation" AS NUMERIC))) AS NUMERIC)) AS "c4",
(isoline_first(("geo_airport"."name") COLLATE BINARY ORDER BY "geo_airport"."elevation" DESC NULLS LAST, ("geo_airport"."name") COLLATE BINARY ASC)) COLLATE BINARY AS "c5"
FROM "geo_airport"
INNER JOIN "geo_country" ON ("geo_airport"."country_id" = "geo_country"."code")
GROUP BY 1
ORDER BY 2 DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: ', '
-- report: busiest-days
SELECT DATE((UNIXEPOCH(SUBSTR("aviation_flight"."scheduled_departure", 1, 19)) + CASE WHEN "aviation_flight"."scheduled_departure" < '1970-01-01' OR "aviation_flight"."scheduled_departure" >= '2038-01-01' THEN isoline_offset(MIN(MAX("aviation_flight"."scheduled_departure", '1800-01-01'), '2201-01-01'), 'America/New_York') #12ca7cce), 'unixepoch') AS "k0",
RANK() OVER (ORDER BY COUNT("aviation_flight"."id") DESC NULLS LAST) AS "c0",
COUNT("aviation_flight"."id") AS "c1",
COUNT(DISTINCT ("aviation_flight"."destination_code") COLLATE BINARY) AS "c2",
COUNT(DISTINCT ("aviation_flight"."tailnum") COLLATE BINARY) AS "c3",
isoline_decimal(SUM(CAST(ROUND(("aviation_flight"."distance") * 1000) AS INTEGER)), 3) AS "c4",
isoline_divide(CASE typeof((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s)) WHEN 'real' THEN isoline_exact((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s), 0) ELSE (COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s) END, COUNT("aviation_flight"."id"), 0, 1) AS "c5",
isoline_percentile_cont("aviation_flight"."departure_delay", 1, 2, 0, 1) AS "c6"
FROM "aviation_flight"
GROUP BY 1
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: 100, 100, 100
-- report: busiest-hours
SELECT (((UNIXEPOCH(SUBSTR("aviation_flight"."scheduled_departure", 1, 19)) + CASE WHEN "aviation_flight"."scheduled_departure" < '1970-01-01' OR "aviation_flight"."scheduled_departure" >= '2038-01-01' THEN isoline_offset(MIN(MAX("aviation_flight"."scheduled_departure", '1800-01-01'), '2201-01-01'), 'America/New_York') #12ca7cce) + 62135596800) / 3600 %% 24) AS "k0",
COUNT("aviation_flight"."id") AS "c0",
COUNT("aviation_flight"."id") FILTER (WHERE ("geo_airport"."iata") COLLATE BINARY = %s) AS "c1",
COUNT("aviation_flight"."id") FILTER (WHERE ("geo_airport"."iata") COLLATE BINARY = %s) AS "c2",
COUNT("aviation_flight"."id") FILTER (WHERE ("geo_airport"."iata") COLLATE BINARY = %s) AS "c3",
COUNT(DISTINCT ("aviation_flight"."carrier_id") COLLATE BINARY) AS "c4",
isoline_quotient(SUM("aviation_flight"."departure_delay"), 0, COUNT("aviation_flight"."departure_delay"), 1) AS "c5",
isoline_divide(CASE typeof((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_delay" >= %s) * %s)) WHEN 'real' THEN isoline_exact((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_delay" >= %s) * %s), 0) ELSE (COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_delay" >= %s) * %s) END, COUNT("aviation_flight"."departure_delay"), 0, 1) AS "c6"
FROM "aviation_flight"
INNER JOIN "geo_airport" ON ("aviation_flight"."origin_id" = "geo_airport"."icao")
GROUP BY 1
ORDER BY 2 DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: 'EWR', 'JFK', 'LGA', 15, 100, 15, 100, 15, 100
-- report: carriers-by-destination
SELECT ("aviation_flight"."destination_code") COLLATE BINARY AS "k0",
MIN(("geo_airport"."name") COLLATE BINARY) AS "c0",
COUNT("aviation_flight"."id") AS "c1",
isoline_join(JSON_GROUP_ARRAY(DISTINCT ("aviation_airline"."name") COLLATE BINARY), %s, 0) AS "c2",
isoline_quotient(SUM("aviation_flight"."arrival_delay"), 0, COUNT("aviation_flight"."arrival_delay"), 1) AS "c3"
FROM "aviation_flight"
LEFT OUTER JOIN "geo_airport" ON ("aviation_flight"."destination_id" = "geo_airport"."icao")
INNER JOIN "aviation_airline" ON ("aviation_flight"."carrier_id" = "aviation_airline"."code")
GROUP BY 1
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: ', '
-- report: cities-and-their-names
SELECT ("geo_city"."name") COLLATE BINARY AS "c0",
("geo_country"."name") COLLATE BINARY AS "c1",
"geo_city"."population" AS "c2",
COUNT("geo_cityname"."id") AS "c3",
STRING_AGG(("geo_cityname"."name") COLLATE BINARY, %s ORDER BY ("geo_cityname"."name") COLLATE BINARY ASC NULLS LAST, ("geo_cityname"."name") COLLATE BINARY ASC) AS "c4",
"geo_city"."geoname_id" AS "k"
FROM "geo_city"
INNER JOIN "geo_country" ON ("geo_city"."country_id" = "geo_country"."code")
LEFT OUTER JOIN "geo_cityname" ON ("geo_city"."geoname_id" = "geo_cityname"."city_id")
GROUP BY 6,
"geo_city"."name",
AsBinary("geo_city"."location"),
"geo_city"."country_id",
"geo_city"."admin1_code",
3,
"geo_city"."timezone",
1,
2
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
6 ASC NULLS LAST
-- parameters: ' | '
-- report: cities-far-from-airports
SELECT ("geo_city"."name") COLLATE BINARY AS "c0",
("geo_country"."name") COLLATE BINARY AS "c1",
"geo_city"."population" AS "c2",
(isoline_matched(%s, "geo_city"."geoname_id")) COLLATE BINARY AS "c3",
isoline_divide(isoline_matched(%s, "geo_city"."geoname_id"), %s, 3, 3) AS "c4",
"geo_city"."geoname_id" AS "k"
FROM "geo_city"
INNER JOIN "geo_country" ON ("geo_city"."country_id" = "geo_country"."code")
ORDER BY isoline_sort_key(isoline_divide(isoline_matched(%s, "geo_city"."geoname_id"), %s, 3, 3)) DESC NULLS LAST,
1 ASC NULLS LAST,
6 ASC NULLS LAST
-- parameters: 0, 1, 1000, 2, 1000
-- report: cities-named-alike
SELECT ("geo_city"."name") COLLATE BINARY AS "k0",
COUNT(DISTINCT ("geo_city"."country_id") COLLATE BINARY) AS "c0",
COUNT("geo_city"."geoname_id") AS "c1",
isoline_join(JSON_GROUP_ARRAY(DISTINCT ("geo_country"."name") COLLATE BINARY), %s, 0) AS "c2",
MAX("geo_city"."population") AS "c3",
isoline_total(SUM("geo_city"."population" >> 32), SUM("geo_city"."population" & 4294967295)) AS "c4"
FROM "geo_city"
INNER JOIN "geo_country" ON ("geo_city"."country_id" = "geo_country"."code")
WHERE ("geo_city"."name") COLLATE BINARY IN (SELECT (U0."name") COLLATE BINARY AS "same" FROM "geo_city" U0 GROUP BY 1 HAVING COUNT(DISTINCT (U0."country_id") COLLATE BINARY) > %s)
GROUP BY 1
ORDER BY 2 DESC NULLS LAST,
3 DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: ', ', 1
-- report: countries-and-their-neighbours
SELECT ("geo_country"."name") COLLATE BINARY AS "c0",
("geo_country"."capital") COLLATE BINARY AS "c1",
CASE WHEN ("geo_country"."neighbours") COLLATE BINARY = %s THEN %s ELSE CASE typeof(((LENGTH(("geo_country"."neighbours") COLLATE BINARY) - LENGTH(REPLACE(("geo_country"."neighbours") COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY))) + %s)) WHEN 'real' THEN isoline_exact(((LENGTH(("geo_country"."neighbours") COLLATE BINARY) - LENGTH(REPLACE(("geo_country"."neighbours") COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY))) + %s), 0) ELSE ((LENGTH(("geo_country"."neighbours") COLLATE BINARY) - LENGTH(REPLACE(("geo_country"."neighbours") COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY))) + %s) END END AS "c2",
("geo_country"."neighbours") COLLATE BINARY AS "c3",
"geo_country"."population" AS "c4",
isoline_divide("geo_country"."population", "geo_country"."area_km2", 2, 1) AS "c5",
("geo_country"."code") COLLATE BINARY AS "k"
FROM "geo_country"
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
7 ASC NULLS LAST
-- parameters: '', 0, ',', '', 1, ',', '', 1, ',', '', 1
-- report: countries-by-continent
SELECT ("geo_country"."continent") COLLATE BINARY AS "k0",
COUNT("geo_country"."code") AS "c0",
COUNT("geo_countryshape"."country_id") AS "c1",
isoline_join(JSON_GROUP_ARRAY(DISTINCT (GeometryType("geo_countryshape"."area")) COLLATE BINARY), %s, 0) AS "c2",
isoline_total(SUM("geo_country"."population" >> 32), SUM("geo_country"."population" & 4294967295)) AS "c3",
isoline_decimal(isoline_total(SUM(CAST(ROUND(("geo_country"."area_km2") * 100) AS INTEGER) >> 32), SUM(CAST(ROUND(("geo_country"."area_km2") * 100) AS INTEGER) & 4294967295)), 2) AS "c4",
isoline_total(SUM("geo_countryshape"."square_metres" >> 32), SUM("geo_countryshape"."square_metres" & 4294967295)) AS "c5"
FROM "geo_country"
LEFT OUTER JOIN "geo_countryshape" ON ("geo_country"."code" = "geo_countryshape"."country_id")
GROUP BY 1
ORDER BY isoline_sort_key(isoline_total(SUM("geo_country"."population" >> 32), SUM("geo_country"."population" & 4294967295))) DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: ', '
-- report: countries-by-main-language
SELECT SUBSTR((COALESCE(REPLACE(("geo_country"."languages") COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY), '') || COALESCE((%s) COLLATE BINARY, '')), 1, CASE WHEN CASE typeof((INSTR((COALESCE(REPLACE(("geo_country"."languages") COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY), '') || COALESCE((%s) COLLATE BINARY, '')), (%s) COLLATE BINARY) - %s)) WHEN 'real' THEN isoline_exact((INSTR((COALESCE(REPLACE(("geo_country"."languages") COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY), '') || COALESCE((%s) COLLATE BINARY, '')), (%s) COLLATE BINARY) - %s), 0) ELSE (INSTR((COALESCE(REPLACE(("geo_country"."languages") COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY), '') || COALESCE((%s) COLLATE BINARY, '')), (%s) COLLATE BINARY) - %s) END < 0 THEN 0 WHEN CASE typeof((INSTR((COALESCE(REPLACE(("geo_country"."languages") COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY), '') || COALESCE((%s) COLLATE BINARY, '')), (%s) COLLATE BINARY) - %s)) WHEN 'real' THEN isoline_exact((INSTR((COALESCE(REPLACE(("geo_country"."languages") COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY), '') || COALESCE((%s) COLLATE BINARY, '')), (%s) COLLATE BINARY) - %s), 0) ELSE (INSTR((COALESCE(REPLACE(("geo_country"."languages") COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY), '') || COALESCE((%s) COLLATE BINARY, '')), (%s) COLLATE BINARY) - %s) END > 2147483647 THEN 2147483647 ELSE CASE typeof((INSTR((COALESCE(REPLACE(("geo_country"."languages") COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY), '') || COALESCE((%s) COLLATE BINARY, '')), (%s) COLLATE BINARY) - %s)) WHEN 'real' THEN isoline_exact((INSTR((COALESCE(REPLACE(("geo_country"."languages") COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY), '') || COALESCE((%s) COLLATE BINARY, '')), (%s) COLLATE BINARY) - %s), 0) ELSE (INSTR((COALESCE(REPLACE(("geo_country"."languages") COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY), '') || COALESCE((%s) COLLATE BINARY, '')), (%s) COLLATE BINARY) - %s) END END) AS "k0",
COUNT("geo_country"."code") AS "c0",
STRING_AGG(("geo_country"."name") COLLATE BINARY, %s ORDER BY "geo_country"."population" DESC NULLS LAST, ("geo_country"."name") COLLATE BINARY ASC) AS "c1",
isoline_total(SUM("geo_country"."population" >> 32), SUM("geo_country"."population" & 4294967295)) AS "c2",
isoline_percentile_cont("geo_country"."population", 1, 2, 0, 0) AS "c3"
FROM "geo_country"
WHERE NOT (("geo_country"."languages") COLLATE BINARY = %s)
GROUP BY 1
ORDER BY 2 DESC NULLS LAST,
isoline_sort_key(isoline_total(SUM("geo_country"."population" >> 32), SUM("geo_country"."population" & 4294967295))) DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: '-', ',', ',', '-', ',', ',', ',', 1, '-', ',', ',', ',', 1, '-', ',', ',', ',', 1, '-', ',', ',', ',', 1, '-', ',', ',', ',', 1, '-', ',', ',', ',', 1, '-', ',', ',', ',', 1, '-', ',', ',', ',', 1, '-', ',', ',', ',', 1, ', ', ''
-- report: country-shapes
SELECT ("geo_country"."name") COLLATE BINARY AS "c0",
("geo_country"."code") COLLATE BINARY AS "c1",
isoline_divide("geo_countryshape"."square_metres", %s, 0, 0) AS "c2",
AsBinary("geo_countryshape"."area") AS "c3",
("geo_country"."code") COLLATE BINARY AS "k"
FROM "geo_country"
LEFT OUTER JOIN "geo_countryshape" ON ("geo_country"."code" = "geo_countryshape"."country_id")
ORDER BY isoline_sort_key(isoline_divide("geo_countryshape"."square_metres", %s, 0, 0)) DESC NULLS LAST,
1 ASC NULLS LAST,
5 ASC NULLS LAST
-- parameters: 1000000, 1000000
-- report: currencies-and-capitals
SELECT ("geo_country"."currency_code") COLLATE BINARY AS "k0",
MIN(("geo_country"."currency_name") COLLATE BINARY) AS "c0",
COUNT("geo_country"."code") AS "c1",
STRING_AGG(("geo_country"."name") COLLATE BINARY, %s ORDER BY "geo_country"."population" DESC NULLS LAST, ("geo_country"."name") COLLATE BINARY ASC) AS "c2",
STRING_AGG(("geo_country"."capital") COLLATE BINARY, %s ORDER BY ("geo_country"."capital") COLLATE BINARY ASC NULLS LAST, ("geo_country"."capital") COLLATE BINARY ASC) FILTER (WHERE NOT (("geo_country"."capital") COLLATE BINARY = %s)) AS "c3",
isoline_total(SUM("geo_country"."population" >> 32), SUM("geo_country"."population" & 4294967295)) AS "c4",
isoline_decimal(isoline_total(SUM(CAST(ROUND(("geo_country"."area_km2") * 100) AS INTEGER) >> 32), SUM(CAST(ROUND(("geo_country"."area_km2") * 100) AS INTEGER) & 4294967295)), 2) AS "c5",
isoline_divide(isoline_total(SUM("geo_country"."population" >> 32), SUM("geo_country"."population" & 4294967295)), isoline_decimal(isoline_total(SUM(CAST(ROUND(("geo_country"."area_km2") * 100) AS INTEGER) >> 32), SUM(CAST(ROUND(("geo_country"."area_km2") * 100) AS INTEGER) & 4294967295)), 2), 2, 1) AS "c6"
FROM "geo_country"
WHERE NOT (("geo_country"."currency_code") COLLATE BINARY = %s)
GROUP BY 1
ORDER BY 3 DESC NULLS LAST,
isoline_sort_key(isoline_total(SUM("geo_country"."population" >> 32), SUM("geo_country"."population" & 4294967295))) DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: ', ', ', ', '', ''
-- report: delays-by-distance
SELECT isoline_combine(isoline_integer_division((CAST("aviation_flight"."distance" AS INTEGER) - ("aviation_flight"."distance" < CAST("aviation_flight"."distance" AS INTEGER))), %s, 0), '*', %s, 0) AS "k0",
COUNT("aviation_flight"."id") AS "c0",
COUNT(DISTINCT ("aviation_flight"."destination_code") COLLATE BINARY) AS "c1",
isoline_quotient(SUM("aviation_flight"."arrival_delay"), 0, COUNT("aviation_flight"."arrival_delay"), 1) AS "c2",
isoline_divide(CASE typeof((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s)) WHEN 'real' THEN isoline_exact((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s), 0) ELSE (COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s) END, COUNT("aviation_flight"."id"), 0, 1) AS "c3"
FROM "aviation_flight"
GROUP BY 1,
isoline_sort_key(isoline_combine(isoline_integer_division((CAST("aviation_flight"."distance" AS INTEGER) - ("aviation_flight"."distance" < CAST("aviation_flight"."distance" AS INTEGER))), %s, 0), '*', %s, 0))
ORDER BY isoline_sort_key(isoline_combine(isoline_integer_division((CAST("aviation_flight"."distance" AS INTEGER) - ("aviation_flight"."distance" < CAST("aviation_flight"."distance" AS INTEGER))), %s, 0), '*', %s, 0)) ASC NULLS LAST
-- parameters: 500, 500, 100, 100, 100, 500, 500, 500, 500
-- report: delays-by-month
SELECT DATE((UNIXEPOCH(SUBSTR("aviation_flight"."scheduled_departure", 1, 19)) + CASE WHEN "aviation_flight"."scheduled_departure" < '1970-01-01' OR "aviation_flight"."scheduled_departure" >= '2038-01-01' THEN isoline_offset(MIN(MAX("aviation_flight"."scheduled_departure", '1800-01-01'), '2201-01-01'), 'America/New_York') #12ca7cce), 'unixepoch', 'start of month') AS "k0",
("aviation_airline"."name") COLLATE BINARY AS "l1",
COUNT("aviation_flight"."id") AS "c0",
COUNT("aviation_flight"."departure_delay") AS "c1",
isoline_quotient(SUM("aviation_flight"."departure_delay"), 0, COUNT("aviation_flight"."departure_delay"), 2) AS "c2",
isoline_decimal(SUM(CAST(ROUND(("aviation_flight"."distance") * 1000) AS INTEGER)), 3) AS "c3",
("aviation_flight"."carrier_id") COLLATE BINARY AS "k1"
FROM "aviation_flight"
INNER JOIN "aviation_airline" ON ("aviation_flight"."carrier_id" = "aviation_airline"."code")
GROUP BY 1,
7
ORDER BY 1 ASC NULLS LAST,
2 ASC NULLS LAST,
7 ASC NULLS LAST
-- parameters: 
-- report: delays-by-weather
SELECT (CASE WHEN "aviation_weather"."precipitation" = (CAST(%s AS NUMERIC)) THEN %s WHEN "aviation_weather"."precipitation" < (CAST(%s AS NUMERIC)) THEN %s WHEN "aviation_weather"."precipitation" >= (CAST(%s AS NUMERIC)) THEN %s ELSE NULL END) COLLATE BINARY AS "k0",
(CASE WHEN "aviation_weather"."wind_speed" < (CAST(%s AS NUMERIC)) THEN %s WHEN "aviation_weather"."wind_speed" < (CAST(%s AS NUMERIC)) THEN %s WHEN "aviation_weather"."wind_speed" >= (CAST(%s AS NUMERIC)) THEN %s ELSE NULL END) COLLATE BINARY AS "k1",
COUNT(DISTINCT "aviation_weather"."id") AS "c0",
COUNT("aviation_flight"."id") AS "c1",
isoline_divide(CASE typeof((COUNT("aviation_weather"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s)) WHEN 'real' THEN isoline_exact((COUNT("aviation_weather"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s), 0) ELSE (COUNT("aviation_weather"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s) END, COUNT("aviation_weather"."id"), 0, 1) AS "c2",
isoline_quotient(SUM("aviation_flight"."departure_delay"), 0, COUNT("aviation_flight"."departure_delay"), 1) AS "c3",
isoline_percentile_cont("aviation_flight"."departure_delay", 1, 2, 0, 1) AS "c4",
isoline_quotient(SUM(CAST(ROUND(("aviation_weather"."visibility") * 1000) AS INTEGER)), 3, COUNT("aviation_weather"."visibility"), 1) AS "c5"
FROM "aviation_weather"
INNER JOIN "geo_airport" ON ("aviation_weather"."origin_id" = "geo_airport"."icao")
INNER JOIN "aviation_flight" ON ("geo_airport"."icao" = "aviation_flight"."origin_id")
WHERE "aviation_flight"."time_hour" = ("aviation_weather"."time")
GROUP BY 1,
2
ORDER BY isoline_sort_key(isoline_quotient(SUM("aviation_flight"."departure_delay"), 0, COUNT("aviation_flight"."departure_delay"), 1)) DESC NULLS LAST,
1 ASC NULLS LAST,
2 ASC NULLS LAST
-- parameters: Decimal('0'), 'none', Decimal('1'), 'light: under 1 mm', Decimal('1'), 'heavy: 1 mm and more', Decimal('4'), 'light: under 4 m/s', Decimal('8'), 'moderate: under 8 m/s', Decimal('8'), 'strong: 8 m/s and more', 100, 100, 100
-- report: fleet-age
SELECT ("aviation_plane"."manufacturer") COLLATE BINARY AS "k0",
COUNT("aviation_plane"."tailnum") AS "c0",
COUNT("aviation_plane"."year") AS "c1",
isoline_quotient(isoline_total(SUM(CASE typeof((%s - "aviation_plane"."year")) WHEN 'real' THEN isoline_exact((%s - "aviation_plane"."year"), 0) ELSE (%s - "aviation_plane"."year") END >> 32), SUM(CASE typeof((%s - "aviation_plane"."year")) WHEN 'real' THEN isoline_exact((%s - "aviation_plane"."year"), 0) ELSE (%s - "aviation_plane"."year") END & 4294967295)), 0, COUNT(CASE typeof((%s - "aviation_plane"."year")) WHEN 'real' THEN isoline_exact((%s - "aviation_plane"."year"), 0) ELSE (%s - "aviation_plane"."year") END), 1) AS "c2",
isoline_percentile_cont(CASE typeof((%s - "aviation_plane"."year")) WHEN 'real' THEN isoline_exact((%s - "aviation_plane"."year"), 0) ELSE (%s - "aviation_plane"."year") END, 1, 2, 0, 1) AS "c3",
MAX(CASE typeof((%s - "aviation_plane"."year")) WHEN 'real' THEN isoline_exact((%s - "aviation_plane"."year"), 0) ELSE (%s - "aviation_plane"."year") END) AS "c4",
(isoline_first(("aviation_plane"."tailnum") COLLATE BINARY ORDER BY "aviation_plane"."year" ASC NULLS LAST, ("aviation_plane"."tailnum") COLLATE BINARY ASC)) COLLATE BINARY AS "c5",
MIN(CASE typeof((%s - "aviation_plane"."year")) WHEN 'real' THEN isoline_exact((%s - "aviation_plane"."year"), 0) ELSE (%s - "aviation_plane"."year") END) AS "c6",
isoline_divide(CASE typeof((COUNT("aviation_plane"."tailnum") FILTER (WHERE "aviation_plane"."year" < %s) * %s)) WHEN 'real' THEN isoline_exact((COUNT("aviation_plane"."tailnum") FILTER (WHERE "aviation_plane"."year" < %s) * %s), 0) ELSE (COUNT("aviation_plane"."tailnum") FILTER (WHERE "aviation_plane"."year" < %s) * %s) END, COUNT("aviation_plane"."year"), 0, 1) AS "c7"
FROM "aviation_plane"
GROUP BY 1
ORDER BY 2 DESC NULLS LAST,
1 ASC NULLS LAST
-- parameters: 2013, 2013, 2013, 2013, 2013, 2013, 2013, 2013, 2013, 2013, 2013, 2013, 2013, 2013, 2013, 2013, 2013, 2013, 1993, 100, 1993, 100, 1993, 100
-- report: flights-over-an-area
SELECT ("aviation_airline"."name") COLLATE BINARY AS "l0",
COUNT("aviation_flight"."id") AS "c0",
COUNT(DISTINCT ("aviation_flight"."destination_code") COLLATE BINARY) AS "c1",
isoline_join(JSON_GROUP_ARRAY(DISTINCT ("aviation_flight"."destination_code") COLLATE BINARY), %s, 0) AS "c2",
isoline_decimal(SUM(CAST(ROUND(("aviation_flight"."distance") * 1000) AS INTEGER)), 3) AS "c3",
isoline_divide(CASE typeof((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s)) WHEN 'real' THEN isoline_exact((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s), 0) ELSE (COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s) END, COUNT("aviation_flight"."id"), 0, 1) AS "c4",
("aviation_flight"."carrier_id") COLLATE BINARY AS "k0"
FROM "aviation_flight"
INNER JOIN "aviation_airline" ON ("aviation_flight"."carrier_id" = "aviation_airline"."code")
GROUP BY 7
ORDER BY 2 DESC NULLS LAST,
1 ASC NULLS LAST,
7 ASC NULLS LAST
-- parameters: ', ', 100, 100, 100
-- report: highest-airports
SELECT ("geo_airport"."name") COLLATE BINARY AS "c0",
("geo_country"."name") COLLATE BINARY AS "c1",
"geo_airport"."elevation" AS "c2",
RANK() OVER (PARTITION BY ("geo_airport"."country_id") COLLATE BINARY ORDER BY "geo_airport"."elevation" DESC NULLS LAST) AS "c3",
COUNT("geo_airport"."icao") OVER (PARTITION BY ("geo_airport"."country_id") COLLATE BINARY ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "c4",
("geo_airport"."icao") COLLATE BINARY AS "c5",
("geo_airport"."iata") COLLATE BINARY AS "c6",
("geo_airport"."icao") COLLATE BINARY AS "k"
FROM "geo_airport"
INNER JOIN "geo_country" ON ("geo_airport"."country_id" = "geo_country"."code")
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
8 ASC NULLS LAST
-- parameters: 
-- report: large-cities
SELECT ("geo_city"."name") COLLATE BINARY AS "c0",
("geo_country"."name") COLLATE BINARY AS "c1",
"geo_city"."population" AS "c2",
AsBinary("geo_city"."location") AS "c3",
"geo_city"."geoname_id" AS "k"
FROM "geo_city"
INNER JOIN "geo_country" ON ("geo_city"."country_id" = "geo_country"."code")
WHERE "geo_city"."population" > %s
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
5 ASC NULLS LAST
-- parameters: 1000000
-- report: names-by-country
SELECT ("geo_country"."name") COLLATE BINARY AS "l0",
COUNT(DISTINCT "geo_city"."geoname_id") AS "c0",
COUNT("geo_cityname"."id") AS "c1",
isoline_divide(COUNT("geo_cityname"."id"), COUNT(DISTINCT "geo_city"."geoname_id"), 0, 1) AS "c2",
isoline_quotient(isoline_total(SUM(LENGTH(("geo_cityname"."name") COLLATE BINARY) >> 32), SUM(LENGTH(("geo_cityname"."name") COLLATE BINARY) & 4294967295)), 0, COUNT(LENGTH(("geo_cityname"."name") COLLATE BINARY)), 1) AS "c3",
MAX(LENGTH(("geo_cityname"."name") COLLATE BINARY)) AS "c4",
(isoline_first(("geo_cityname"."name") COLLATE BINARY ORDER BY LENGTH(("geo_cityname"."name") COLLATE BINARY) DESC NULLS LAST, ("geo_cityname"."name") COLLATE BINARY ASC)) COLLATE BINARY AS "c5",
("geo_city"."country_id") COLLATE BINARY AS "k0"
FROM "geo_city"
INNER JOIN "geo_country" ON ("geo_city"."country_id" = "geo_country"."code")
LEFT OUTER JOIN "geo_cityname" ON ("geo_city"."geoname_id" = "geo_cityname"."city_id")
GROUP BY 8
ORDER BY isoline_sort_key(isoline_divide(COUNT("geo_cityname"."id"), COUNT(DISTINCT "geo_city"."geoname_id"), 0, 1)) DESC NULLS LAST,
1 ASC NULLS LAST,
8 ASC NULLS LAST
-- parameters: 
-- report: nearest-airports-of-large-cities
SELECT ("geo_city"."name") COLLATE BINARY AS "c0",
("geo_country"."name") COLLATE BINARY AS "c1",
"geo_city"."population" AS "c2",
(isoline_matched(%s, "geo_city"."geoname_id")) COLLATE BINARY AS "c3",
(isoline_matched(%s, "geo_city"."geoname_id")) COLLATE BINARY AS "c4",
isoline_divide(isoline_matched(%s, "geo_city"."geoname_id"), %s, 3, 1) AS "c5",
isoline_matched(%s, "geo_city"."geoname_id") AS "c6",
"geo_city"."geoname_id" AS "k"
FROM "geo_city"
INNER JOIN "geo_country" ON ("geo_city"."country_id" = "geo_country"."code")
WHERE "geo_city"."population" > %s
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
8 ASC NULLS LAST
-- parameters: 0, 1, 2, 1000, 3, 1000000
-- report: neighbours-on-the-map
SELECT ("geo_country"."name") COLLATE BINARY AS "c0",
(isoline_matched(%s, "geo_countryshape"."country_id")) COLLATE BINARY AS "c1",
CASE typeof(((LENGTH((isoline_matched(%s, "geo_countryshape"."country_id")) COLLATE BINARY) - LENGTH(REPLACE((isoline_matched(%s, "geo_countryshape"."country_id")) COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY))) + %s)) WHEN 'real' THEN isoline_exact(((LENGTH((isoline_matched(%s, "geo_countryshape"."country_id")) COLLATE BINARY) - LENGTH(REPLACE((isoline_matched(%s, "geo_countryshape"."country_id")) COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY))) + %s), 0) ELSE ((LENGTH((isoline_matched(%s, "geo_countryshape"."country_id")) COLLATE BINARY) - LENGTH(REPLACE((isoline_matched(%s, "geo_countryshape"."country_id")) COLLATE BINARY, (%s) COLLATE BINARY, (%s) COLLATE BINARY))) + %s) END AS "c2",
("geo_country"."neighbours") COLLATE BINARY AS "c3",
("geo_countryshape"."country_id") COLLATE BINARY AS "k"
FROM "geo_countryshape"
INNER JOIN "geo_country" ON ("geo_countryshape"."country_id" = "geo_country"."code")
ORDER BY 1 ASC NULLS LAST,
5 ASC NULLS LAST
-- parameters: 0, 1, 2, ',', '', 1, 1, 2, ',', '', 1, 1, 2, ',', '', 1
-- report: planes-by-model
SELECT ("aviation_plane"."manufacturer") COLLATE BINARY AS "k0",
("aviation_plane"."model") COLLATE BINARY AS "k1",
COUNT("aviation_plane"."tailnum") AS "c0",
MIN(("aviation_plane"."engine") COLLATE BINARY) AS "c1",
isoline_quotient(SUM("aviation_plane"."seats"), 0, COUNT("aviation_plane"."seats"), 1) AS "c2",
isoline_quotient(SUM("aviation_plane"."year"), 0, COUNT("aviation_plane"."year"), 1) AS "c3"
FROM "aviation_plane"
GROUP BY 1,
2
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
2 ASC NULLS LAST
-- parameters: 
-- report: punctuality-by-carrier
SELECT ("aviation_airline"."name") COLLATE BINARY AS "l0",
COUNT("aviation_flight"."id") AS "c0",
COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) AS "c1",
isoline_divide(CASE typeof((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s)) WHEN 'real' THEN isoline_exact((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s), 0) ELSE (COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."departure_time" IS NULL) * %s) END, COUNT("aviation_flight"."id"), 0, 2) AS "c2",
isoline_divide(CASE typeof((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."arrival_delay" < %s) * %s)) WHEN 'real' THEN isoline_exact((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."arrival_delay" < %s) * %s), 0) ELSE (COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."arrival_delay" < %s) * %s) END, COUNT("aviation_flight"."arrival_delay"), 0, 1) AS "c3",
isoline_quotient(SUM("aviation_flight"."arrival_delay"), 0, COUNT("aviation_flight"."arrival_delay"), 1) AS "c4",
isoline_percentile_cont("aviation_flight"."arrival_delay", 1, 2, 0, 1) AS "c5",
isoline_percentile_cont("aviation_flight"."arrival_delay", 9, 10, 0, 1) AS "c6",
("aviation_flight"."carrier_id") COLLATE BINARY AS "k0"
FROM "aviation_flight"
INNER JOIN "aviation_airline" ON ("aviation_flight"."carrier_id" = "aviation_airline"."code")
GROUP BY 9
ORDER BY isoline_sort_key(isoline_divide(CASE typeof((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."arrival_delay" < %s) * %s)) WHEN 'real' THEN isoline_exact((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."arrival_delay" < %s) * %s), 0) ELSE (COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."arrival_delay" < %s) * %s) END, COUNT("aviation_flight"."arrival_delay"), 0, 1)) DESC NULLS LAST,
1 ASC NULLS LAST,
9 ASC NULLS LAST
-- parameters: 100, 100, 100, 15, 100, 15, 100, 15, 100, 15, 100, 15, 100, 15, 100
-- report: routes-and-their-delays
SELECT ("geo_airport"."iata") COLLATE BINARY AS "k0",
("aviation_flight"."destination_code") COLLATE BINARY AS "k1",
MIN((T3."name") COLLATE BINARY) AS "c0",
COUNT("aviation_flight"."id") AS "c1",
isoline_join(JSON_GROUP_ARRAY(DISTINCT ("aviation_flight"."carrier_id") COLLATE BINARY), %s, 0) AS "c2",
(isoline_mode(JSON_GROUP_ARRAY(("aviation_flight"."carrier_id") COLLATE BINARY))) COLLATE BINARY AS "c3",
(CAST(MIN((CAST("aviation_flight"."distance" AS NUMERIC))) AS NUMERIC)) AS "c4",
MIN("aviation_flight"."air_time") AS "c5",
isoline_divide(isoline_combine(isoline_decimal(SUM(CAST(ROUND(("aviation_flight"."distance") * 1000) AS INTEGER)) FILTER (WHERE "aviation_flight"."air_time" IS NOT NULL), 3), '*', %s, 3), SUM("aviation_flight"."air_time"), 3, 0) AS "c6",
isoline_divide(CASE typeof((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."arrival_delay" >= %s) * %s)) WHEN 'real' THEN isoline_exact((COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."arrival_delay" >= %s) * %s), 0) ELSE (COUNT("aviation_flight"."id") FILTER (WHERE "aviation_flight"."arrival_delay" >= %s) * %s) END, COUNT("aviation_flight"."arrival_delay"), 0, 1) AS "c7"
FROM "aviation_flight"
INNER JOIN "geo_airport" ON ("aviation_flight"."origin_id" = "geo_airport"."icao")
LEFT OUTER JOIN "geo_airport" T3 ON ("aviation_flight"."destination_id" = T3."icao")
GROUP BY 1,
2
ORDER BY 4 DESC NULLS LAST,
1 ASC NULLS LAST,
2 ASC NULLS LAST
-- parameters: ', ', 60, 15, 100, 15, 100, 15, 100
-- report: routes-and-what-they-cross
SELECT ("geo_airport"."iata") COLLATE BINARY AS "c0",
(T3."name") COLLATE BINARY AS "c1",
isoline_divide("aviation_route"."length_m", %s, 0, 1) AS "c2",
(isoline_matched(%s, "aviation_route"."id")) COLLATE BINARY AS "c3",
"aviation_route"."id" AS "k"
FROM "aviation_route"
INNER JOIN "geo_airport" ON ("aviation_route"."origin_id" = "geo_airport"."icao")
INNER JOIN "geo_airport" T3 ON ("aviation_route"."destination_id" = T3."icao")
ORDER BY isoline_sort_key(isoline_divide("aviation_route"."length_m", %s, 0, 1)) DESC NULLS LAST,
1 ASC NULLS LAST,
2 ASC NULLS LAST,
5 ASC NULLS LAST
-- parameters: 1000, 0, 1000
-- report: seats-by-engine
SELECT ("aviation_plane"."engine") COLLATE BINARY AS "k0",
"aviation_plane"."engines" AS "k1",
COUNT("aviation_plane"."tailnum") AS "c0",
SUM("aviation_plane"."seats") AS "c1",
MIN("aviation_plane"."seats") AS "c2",
MAX("aviation_plane"."seats") AS "c3",
isoline_quotient(SUM("aviation_plane"."seats"), 0, COUNT("aviation_plane"."seats"), 1) AS "c4",
isoline_percentile_cont("aviation_plane"."seats", 1, 2, 0, 1) AS "c5",
isoline_variance(isoline_moments("aviation_plane"."seats"), 0, 0, 2, 1) AS "c6",
(isoline_mode(JSON_GROUP_ARRAY(("aviation_plane"."model") COLLATE BINARY))) COLLATE BINARY AS "c7",
isoline_join(JSON_GROUP_ARRAY(DISTINCT ("aviation_plane"."manufacturer") COLLATE BINARY), %s, 0) AS "c8"
FROM "aviation_plane"
GROUP BY 1,
2
ORDER BY 3 DESC NULLS LAST,
1 ASC NULLS LAST,
2 ASC NULLS LAST
-- parameters: ', '
-- report: states-by-airport-density
SELECT ("geo_state"."name") COLLATE BINARY AS "c0",
("geo_country"."name") COLLATE BINARY AS "c1",
isoline_matched(%s, "geo_state"."code") AS "c2",
isoline_divide("geo_state"."square_metres", %s, 0, 0) AS "c3",
isoline_divide(CASE typeof((isoline_matched(%s, "geo_state"."code") * %s)) WHEN 'real' THEN isoline_exact((isoline_matched(%s, "geo_state"."code") * %s), 0) ELSE (isoline_matched(%s, "geo_state"."code") * %s) END, "geo_state"."square_metres", 0, 2) AS "c4",
("geo_state"."code") COLLATE BINARY AS "k"
FROM "geo_state"
INNER JOIN "geo_country" ON ("geo_state"."country_id" = "geo_country"."code")
ORDER BY isoline_sort_key(isoline_divide(CASE typeof((isoline_matched(%s, "geo_state"."code") * %s)) WHEN 'real' THEN isoline_exact((isoline_matched(%s, "geo_state"."code") * %s), 0) ELSE (isoline_matched(%s, "geo_state"."code") * %s) END, "geo_state"."square_metres", 0, 2)) DESC NULLS LAST,
1 ASC NULLS LAST,
6 ASC NULLS LAST
-- parameters: 0, 1000000, 1, 100000000000, 1, 100000000000, 1, 100000000000, 2, 100000000000, 2, 100000000000, 2, 100000000000
