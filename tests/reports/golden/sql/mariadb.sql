-- report: airport-density-by-country
SELECT `geo_country`.`name` AS `l0`,
COUNT(`geo_airport`.`icao`) AS `c0`,
MIN(`geo_country`.`population`) AS `c1`,
MIN(`geo_country`.`area_km2`) AS `c2`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 100 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 100 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 100 AS DECIMAL(65, 2)) FROM JSON_TABLE(JSON_ARRAY((COUNT(`geo_airport`.`icao`) * %s), MIN(`geo_country`.`population`)), '$' COLUMNS(dividend DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c3`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 100 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 100 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 100 AS DECIMAL(65, 2)) FROM JSON_TABLE(JSON_ARRAY((COUNT(`geo_airport`.`icao`) * %s), MIN(`geo_country`.`area_km2`)), '$' COLUMNS(dividend DECIMAL(65, 2) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 2) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c4`,
`geo_airport`.`country_id` AS `k0`
FROM `geo_airport`
INNER JOIN `geo_country` ON (`geo_airport`.`country_id` = `geo_country`.`code`)
GROUP BY 7
ORDER BY (SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 100 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 100 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 100 AS DECIMAL(65, 2)) FROM JSON_TABLE(JSON_ARRAY((COUNT(`geo_airport`.`icao`) * %s), MIN(`geo_country`.`area_km2`)), '$' COLUMNS(dividend DECIMAL(65, 2) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 2) PATH '$[1]' ERROR ON ERROR)) `let0`) DESC,
`geo_country`.`name` IS NULL,
`geo_country`.`name` ASC,
`k0` IS NULL,
`k0` ASC
-- parameters: 1000000, 100000, 100000
-- report: airports-by-country
SELECT `geo_country`.`name` AS `l0`,
COUNT(`geo_airport`.`icao`) AS `c0`,
ROUND(SUM(`geo_airport`.`elevation`) / COUNT(`geo_airport`.`elevation`), 1) AS `c1`,
GROUP_CONCAT(`geo_airport`.`iata` ORDER BY `geo_airport`.`iata` ASC SEPARATOR %s) AS `c2`,
GROUP_CONCAT(DISTINCT `geo_airport`.`timezone` ORDER BY `geo_airport`.`timezone` ASC SEPARATOR %s) AS `c3`,
`geo_airport`.`country_id` AS `k0`
FROM `geo_airport`
INNER JOIN `geo_country` ON (`geo_airport`.`country_id` = `geo_country`.`code`)
GROUP BY 6
ORDER BY COUNT(`geo_airport`.`icao`) DESC,
`geo_country`.`name` IS NULL,
`geo_country`.`name` ASC,
`k0` IS NULL,
`k0` ASC
-- parameters: ', ', ', '
-- report: airports-by-time-zone
SELECT `geo_airport`.`timezone` AS `k0`,
COUNT(`geo_airport`.`icao`) AS `c0`,
GROUP_CONCAT(DISTINCT `geo_country`.`name` ORDER BY `geo_country`.`name` ASC SEPARATOR %s) AS `c1`,
MIN(`geo_airport`.`elevation`) AS `c2`,
(SELECT ROUND((CAST(SUBSTRING_INDEX(`let0`.pair, ',', 1) AS DECIMAL(65, 2)) * (2 - IF(`let0`.rest = 0, 2, `let0`.rest)) + CAST(SUBSTRING_INDEX(`let0`.pair, ',', -1) AS DECIMAL(65, 2)) * IF(`let0`.rest = 0, 2, `let0`.rest)) / 2, 1) FROM JSON_TABLE(JSON_ARRAY(SUBSTRING_INDEX(SUBSTRING_INDEX(GROUP_CONCAT(`geo_airport`.`elevation` ORDER BY `geo_airport`.`elevation`), ',', (1 * (COUNT(`geo_airport`.`elevation`) - 1) + 1) DIV 2 + 1), ',', -2), MOD(1 * (COUNT(`geo_airport`.`elevation`) - 1), 2)), '$' COLUMNS(pair VARCHAR(200) PATH '$[0]' ERROR ON ERROR, rest BIGINT PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c3`,
MAX(`geo_airport`.`elevation`) AS `c4`,
CONVERT(GROUP_CONCAT(`geo_airport`.`name` ORDER BY `geo_airport`.`elevation` DESC, `geo_airport`.`name` ASC SEPARATOR %s LIMIT 1) USING utf8mb4) COLLATE utf8mb4_nopad_bin AS `c5`
FROM `geo_airport`
INNER JOIN `geo_country` ON (`geo_airport`.`country_id` = `geo_country`.`code`)
GROUP BY 1
ORDER BY COUNT(`geo_airport`.`icao`) DESC,
`k0` IS NULL,
`k0` ASC
-- parameters: ', ', ''
-- report: busiest-days
SELECT CAST((`aviation_flight`.`scheduled_departure` + INTERVAL ELT(INTERVAL(TO_SECONDS(`aviation_flight`.`scheduled_departure`) + 0e0, #194964c1) + #8c1be163) MICROSECOND) AS DATE) AS `k0`,
RANK() OVER (ORDER BY COUNT(`aviation_flight`.`id`) DESC) AS `c0`,
COUNT(`aviation_flight`.`id`) AS `c1`,
COUNT(DISTINCT `aviation_flight`.`destination_code`) AS `c2`,
COUNT(DISTINCT `aviation_flight`.`tailnum`) AS `c3`,
SUM(`aviation_flight`.`distance`) AS `c4`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 10 AS DECIMAL(65, 1)) FROM JSON_TABLE(JSON_ARRAY((COUNT(CASE WHEN `aviation_flight`.`departure_time` IS NULL THEN `aviation_flight`.`id` ELSE NULL END) * %s), COUNT(`aviation_flight`.`id`)), '$' COLUMNS(dividend DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c5`,
(SELECT ROUND((CAST(SUBSTRING_INDEX(`let0`.pair, ',', 1) AS DECIMAL(65, 0)) * (2 - IF(`let0`.rest = 0, 2, `let0`.rest)) + CAST(SUBSTRING_INDEX(`let0`.pair, ',', -1) AS DECIMAL(65, 0)) * IF(`let0`.rest = 0, 2, `let0`.rest)) / 2, 1) FROM JSON_TABLE(JSON_ARRAY(SUBSTRING_INDEX(SUBSTRING_INDEX(GROUP_CONCAT(`aviation_flight`.`departure_delay` ORDER BY `aviation_flight`.`departure_delay`), ',', (1 * (COUNT(`aviation_flight`.`departure_delay`) - 1) + 1) DIV 2 + 1), ',', -2), MOD(1 * (COUNT(`aviation_flight`.`departure_delay`) - 1), 2)), '$' COLUMNS(pair VARCHAR(200) PATH '$[0]' ERROR ON ERROR, rest BIGINT PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c6`
FROM `aviation_flight`
GROUP BY 1
ORDER BY COUNT(`aviation_flight`.`id`) DESC,
`k0` IS NULL,
`k0` ASC
-- parameters: 100
-- report: busiest-hours
SELECT HOUR((`aviation_flight`.`scheduled_departure` + INTERVAL ELT(INTERVAL(TO_SECONDS(`aviation_flight`.`scheduled_departure`) + 0e0, #194964c1) + #8c1be163) MICROSECOND)) AS `k0`,
COUNT(`aviation_flight`.`id`) AS `c0`,
COUNT(CASE WHEN `geo_airport`.`iata` = %s THEN `aviation_flight`.`id` ELSE NULL END) AS `c1`,
COUNT(CASE WHEN `geo_airport`.`iata` = %s THEN `aviation_flight`.`id` ELSE NULL END) AS `c2`,
COUNT(CASE WHEN `geo_airport`.`iata` = %s THEN `aviation_flight`.`id` ELSE NULL END) AS `c3`,
COUNT(DISTINCT `aviation_flight`.`carrier_id`) AS `c4`,
ROUND(SUM(`aviation_flight`.`departure_delay`) / COUNT(`aviation_flight`.`departure_delay`), 1) AS `c5`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 10 AS DECIMAL(65, 1)) FROM JSON_TABLE(JSON_ARRAY((COUNT(CASE WHEN `aviation_flight`.`departure_delay` >= %s THEN `aviation_flight`.`id` ELSE NULL END) * %s), COUNT(`aviation_flight`.`departure_delay`)), '$' COLUMNS(dividend DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c6`
FROM `aviation_flight`
INNER JOIN `geo_airport` ON (`aviation_flight`.`origin_id` = `geo_airport`.`icao`)
GROUP BY 1
ORDER BY COUNT(`aviation_flight`.`id`) DESC,
`k0` IS NULL,
`k0` ASC
-- parameters: 'EWR', 'JFK', 'LGA', 15, 100
-- report: carriers-by-destination
SELECT `aviation_flight`.`destination_code` AS `k0`,
MIN(`geo_airport`.`name`) AS `c0`,
COUNT(`aviation_flight`.`id`) AS `c1`,
GROUP_CONCAT(DISTINCT `aviation_airline`.`name` ORDER BY `aviation_airline`.`name` ASC SEPARATOR %s) AS `c2`,
ROUND(SUM(`aviation_flight`.`arrival_delay`) / COUNT(`aviation_flight`.`arrival_delay`), 1) AS `c3`
FROM `aviation_flight`
LEFT OUTER JOIN `geo_airport` ON (`aviation_flight`.`destination_id` = `geo_airport`.`icao`)
INNER JOIN `aviation_airline` ON (`aviation_flight`.`carrier_id` = `aviation_airline`.`code`)
GROUP BY 1
ORDER BY COUNT(`aviation_flight`.`id`) DESC,
`k0` IS NULL,
`k0` ASC
-- parameters: ', '
-- report: cities-and-their-names
SELECT `geo_city`.`name` AS `c0`,
`geo_country`.`name` AS `c1`,
`geo_city`.`population` AS `c2`,
COUNT(`geo_cityname`.`id`) AS `c3`,
GROUP_CONCAT(`geo_cityname`.`name` ORDER BY `geo_cityname`.`name` ASC SEPARATOR %s) AS `c4`,
`geo_city`.`geoname_id` AS `k`
FROM `geo_city`
INNER JOIN `geo_country` ON (`geo_city`.`country_id` = `geo_country`.`code`)
LEFT OUTER JOIN `geo_cityname` ON (`geo_city`.`geoname_id` = `geo_cityname`.`city_id`)
GROUP BY 6,
1,
2
ORDER BY `c2` DESC,
`c0` IS NULL,
`c0` ASC,
`k` IS NULL,
`k` ASC
-- parameters: ' | '
-- report: cities-far-from-airports
SELECT `geo_city`.`name` AS `c0`,
`geo_country`.`name` AS `c1`,
`geo_city`.`population` AS `c2`,
CONVERT((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v VARCHAR(83) COLLATE utf8mb4_nopad_bin PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `geo_city`.`geoname_id`) USING utf8mb4) COLLATE utf8mb4_nopad_bin AS `c3`,
CAST(SIGN((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v DECIMAL(11, 3) PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `geo_city`.`geoname_id`)) * SIGN(%s) * FLOOR(((2.0 * ABS((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v DECIMAL(11, 3) PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `geo_city`.`geoname_id`)) * 1000 + ABS(%s)) - MOD((2.0 * ABS((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v DECIMAL(11, 3) PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `geo_city`.`geoname_id`)) * 1000 + ABS(%s)), (2.0 * ABS(%s)))) / (2.0 * ABS(%s))) / 1000 AS DECIMAL(65, 3)) AS `c4`,
`geo_city`.`geoname_id` AS `k`
FROM `geo_city`
INNER JOIN `geo_country` ON (`geo_city`.`country_id` = `geo_country`.`code`)
ORDER BY CAST(SIGN((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v DECIMAL(11, 3) PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `geo_city`.`geoname_id`)) * SIGN(%s) * FLOOR(((2.0 * ABS((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v DECIMAL(11, 3) PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `geo_city`.`geoname_id`)) * 1000 + ABS(%s)) - MOD((2.0 * ABS((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v DECIMAL(11, 3) PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `geo_city`.`geoname_id`)) * 1000 + ABS(%s)), (2.0 * ABS(%s)))) / (2.0 * ABS(%s))) / 1000 AS DECIMAL(65, 3)) DESC,
`c0` IS NULL,
`c0` ASC,
`k` IS NULL,
`k` ASC
-- parameters: #636bfa67, #94d47f85, 1000, #94d47f85, 1000, #94d47f85, 1000, 1000, 1000, #94d47f85, 1000, #94d47f85, 1000, #94d47f85, 1000, 1000, 1000
-- report: cities-named-alike
SELECT `geo_city`.`name` AS `k0`,
COUNT(DISTINCT `geo_city`.`country_id`) AS `c0`,
COUNT(`geo_city`.`geoname_id`) AS `c1`,
GROUP_CONCAT(DISTINCT `geo_country`.`name` ORDER BY `geo_country`.`name` ASC SEPARATOR %s) AS `c2`,
MAX(`geo_city`.`population`) AS `c3`,
SUM(`geo_city`.`population`) AS `c4`
FROM `geo_city`
INNER JOIN `geo_country` ON (`geo_city`.`country_id` = `geo_country`.`code`)
WHERE `geo_city`.`name` IN (SELECT U0.`name` AS `same` FROM `geo_city` U0 GROUP BY 1 HAVING COUNT(DISTINCT U0.`country_id`) > %s ORDER BY NULL)
GROUP BY 1
ORDER BY COUNT(DISTINCT `geo_city`.`country_id`) DESC,
COUNT(`geo_city`.`geoname_id`) DESC,
`k0` IS NULL,
`k0` ASC
-- parameters: ', ', 1
-- report: countries-and-their-neighbours
SELECT `geo_country`.`name` AS `c0`,
`geo_country`.`capital` AS `c1`,
CASE WHEN `geo_country`.`neighbours` = %s THEN %s ELSE ((CHAR_LENGTH(`geo_country`.`neighbours`) - CHAR_LENGTH(REPLACE(`geo_country`.`neighbours`, %s COLLATE utf8mb4_nopad_bin, %s COLLATE utf8mb4_nopad_bin))) + %s) END AS `c2`,
`geo_country`.`neighbours` AS `c3`,
`geo_country`.`population` AS `c4`,
CAST(SIGN(`geo_country`.`population`) * SIGN(`geo_country`.`area_km2`) * FLOOR(((2.0 * ABS(`geo_country`.`population`) * 10 + ABS(`geo_country`.`area_km2`)) - MOD((2.0 * ABS(`geo_country`.`population`) * 10 + ABS(`geo_country`.`area_km2`)), (2.0 * ABS(`geo_country`.`area_km2`)))) / (2.0 * ABS(`geo_country`.`area_km2`))) / 10 AS DECIMAL(65, 1)) AS `c5`,
`geo_country`.`code` AS `k`
FROM `geo_country`
ORDER BY `c2` DESC,
`c0` IS NULL,
`c0` ASC,
`k` IS NULL,
`k` ASC
-- parameters: '', 0, ',', '', 1
-- report: countries-by-continent
SELECT `geo_country`.`continent` AS `k0`,
COUNT(`geo_country`.`code`) AS `c0`,
COUNT(`geo_countryshape`.`country_id`) AS `c1`,
GROUP_CONCAT(DISTINCT CONVERT(REPLACE(ST_GeometryType(`geo_countryshape`.`area`), 'GEOMCOLLECTION', 'GEOMETRYCOLLECTION') USING utf8mb4) COLLATE utf8mb4_nopad_bin ORDER BY CONVERT(REPLACE(ST_GeometryType(`geo_countryshape`.`area`), 'GEOMCOLLECTION', 'GEOMETRYCOLLECTION') USING utf8mb4) COLLATE utf8mb4_nopad_bin ASC SEPARATOR %s) AS `c2`,
SUM(`geo_country`.`population`) AS `c3`,
SUM(`geo_country`.`area_km2`) AS `c4`,
SUM(`geo_countryshape`.`square_metres`) AS `c5`
FROM `geo_country`
LEFT OUTER JOIN `geo_countryshape` ON (`geo_country`.`code` = `geo_countryshape`.`country_id`)
GROUP BY 1
ORDER BY SUM(`geo_country`.`population`) DESC,
`k0` IS NULL,
`k0` ASC
-- parameters: ', '
-- report: countries-by-main-language
SELECT LEFT(CONCAT(COALESCE(REPLACE(`geo_country`.`languages`, %s COLLATE utf8mb4_nopad_bin, %s COLLATE utf8mb4_nopad_bin), ''), COALESCE(%s COLLATE utf8mb4_nopad_bin, '')), CASE WHEN (INSTR(CONCAT(COALESCE(REPLACE(`geo_country`.`languages`, %s COLLATE utf8mb4_nopad_bin, %s COLLATE utf8mb4_nopad_bin), ''), COALESCE(%s COLLATE utf8mb4_nopad_bin, '')), %s COLLATE utf8mb4_nopad_bin) - %s) < 0 THEN 0 WHEN (INSTR(CONCAT(COALESCE(REPLACE(`geo_country`.`languages`, %s COLLATE utf8mb4_nopad_bin, %s COLLATE utf8mb4_nopad_bin), ''), COALESCE(%s COLLATE utf8mb4_nopad_bin, '')), %s COLLATE utf8mb4_nopad_bin) - %s) > 2147483647 THEN 2147483647 ELSE (INSTR(CONCAT(COALESCE(REPLACE(`geo_country`.`languages`, %s COLLATE utf8mb4_nopad_bin, %s COLLATE utf8mb4_nopad_bin), ''), COALESCE(%s COLLATE utf8mb4_nopad_bin, '')), %s COLLATE utf8mb4_nopad_bin) - %s) END) AS `k0`,
COUNT(`geo_country`.`code`) AS `c0`,
GROUP_CONCAT(`geo_country`.`name` ORDER BY `geo_country`.`population` DESC, `geo_country`.`name` ASC SEPARATOR %s) AS `c1`,
SUM(`geo_country`.`population`) AS `c2`,
(SELECT ROUND((CAST(SUBSTRING_INDEX(`let0`.pair, ',', 1) AS DECIMAL(65, 0)) * (2 - IF(`let0`.rest = 0, 2, `let0`.rest)) + CAST(SUBSTRING_INDEX(`let0`.pair, ',', -1) AS DECIMAL(65, 0)) * IF(`let0`.rest = 0, 2, `let0`.rest)) / 2, 0) FROM JSON_TABLE(JSON_ARRAY(SUBSTRING_INDEX(SUBSTRING_INDEX(GROUP_CONCAT(`geo_country`.`population` ORDER BY `geo_country`.`population`), ',', (1 * (COUNT(`geo_country`.`population`) - 1) + 1) DIV 2 + 1), ',', -2), MOD(1 * (COUNT(`geo_country`.`population`) - 1), 2)), '$' COLUMNS(pair VARCHAR(200) PATH '$[0]' ERROR ON ERROR, rest BIGINT PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c3`
FROM `geo_country`
WHERE NOT (`geo_country`.`languages` = %s)
GROUP BY 1
ORDER BY COUNT(`geo_country`.`code`) DESC,
SUM(`geo_country`.`population`) DESC,
`k0` IS NULL,
`k0` ASC
-- parameters: '-', ',', ',', '-', ',', ',', ',', 1, '-', ',', ',', ',', 1, '-', ',', ',', ',', 1, ', ', ''
-- report: country-shapes
SELECT `geo_country`.`name` AS `c0`,
`geo_country`.`code` AS `c1`,
CAST(SIGN(`geo_countryshape`.`square_metres`) * SIGN(%s) * FLOOR(((2.0 * ABS(`geo_countryshape`.`square_metres`) * 1 + ABS(%s)) - MOD((2.0 * ABS(`geo_countryshape`.`square_metres`) * 1 + ABS(%s)), (2.0 * ABS(%s)))) / (2.0 * ABS(%s))) / 1 AS DECIMAL(65, 0)) AS `c2`,
ST_AsBinary(`geo_countryshape`.`area`) AS `c3`,
`geo_country`.`code` AS `k`
FROM `geo_country`
LEFT OUTER JOIN `geo_countryshape` ON (`geo_country`.`code` = `geo_countryshape`.`country_id`)
ORDER BY CAST(SIGN(`geo_countryshape`.`square_metres`) * SIGN(%s) * FLOOR(((2.0 * ABS(`geo_countryshape`.`square_metres`) * 1 + ABS(%s)) - MOD((2.0 * ABS(`geo_countryshape`.`square_metres`) * 1 + ABS(%s)), (2.0 * ABS(%s)))) / (2.0 * ABS(%s))) / 1 AS DECIMAL(65, 0)) DESC,
`c0` IS NULL,
`c0` ASC,
`k` IS NULL,
`k` ASC
-- parameters: 1000000, 1000000, 1000000, 1000000, 1000000, 1000000, 1000000, 1000000, 1000000, 1000000
-- report: currencies-and-capitals
SELECT `geo_country`.`currency_code` AS `k0`,
MIN(`geo_country`.`currency_name`) AS `c0`,
COUNT(`geo_country`.`code`) AS `c1`,
GROUP_CONCAT(`geo_country`.`name` ORDER BY `geo_country`.`population` DESC, `geo_country`.`name` ASC SEPARATOR %s) AS `c2`,
GROUP_CONCAT(CASE WHEN NOT (`geo_country`.`capital` = %s) THEN `geo_country`.`capital` ELSE NULL END ORDER BY `geo_country`.`capital` ASC SEPARATOR %s) AS `c3`,
SUM(`geo_country`.`population`) AS `c4`,
SUM(`geo_country`.`area_km2`) AS `c5`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 10 AS DECIMAL(65, 1)) FROM JSON_TABLE(JSON_ARRAY(SUM(`geo_country`.`population`), SUM(`geo_country`.`area_km2`)), '$' COLUMNS(dividend DECIMAL(65, 2) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 2) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c6`
FROM `geo_country`
WHERE NOT (`geo_country`.`currency_code` = %s)
GROUP BY 1
ORDER BY COUNT(`geo_country`.`code`) DESC,
SUM(`geo_country`.`population`) DESC,
`k0` IS NULL,
`k0` ASC
-- parameters: ', ', '', ', ', ''
-- report: delays-by-distance
SELECT (FLOOR((FLOOR(`aviation_flight`.`distance`) - MOD(FLOOR(`aviation_flight`.`distance`), %s)) / %s) * %s) AS `k0`,
COUNT(`aviation_flight`.`id`) AS `c0`,
COUNT(DISTINCT `aviation_flight`.`destination_code`) AS `c1`,
ROUND(SUM(`aviation_flight`.`arrival_delay`) / COUNT(`aviation_flight`.`arrival_delay`), 1) AS `c2`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 10 AS DECIMAL(65, 1)) FROM JSON_TABLE(JSON_ARRAY((COUNT(CASE WHEN `aviation_flight`.`departure_time` IS NULL THEN `aviation_flight`.`id` ELSE NULL END) * %s), COUNT(`aviation_flight`.`id`)), '$' COLUMNS(dividend DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c3`
FROM `aviation_flight`
GROUP BY 1,
(FLOOR((FLOOR(`aviation_flight`.`distance`) - MOD(FLOOR(`aviation_flight`.`distance`), %s)) / %s) * %s)
ORDER BY (FLOOR((FLOOR(`aviation_flight`.`distance`) - MOD(FLOOR(`aviation_flight`.`distance`), %s)) / %s) * %s) IS NULL,
(FLOOR((FLOOR(`aviation_flight`.`distance`) - MOD(FLOOR(`aviation_flight`.`distance`), %s)) / %s) * %s) ASC
-- parameters: 500, 500, 500, 100, 500, 500, 500, 500, 500, 500, 500, 500, 500
-- report: delays-by-month
SELECT DATE'0001-01-01' + INTERVAL TIMESTAMPDIFF(month, DATE'0001-01-01', (`aviation_flight`.`scheduled_departure` + INTERVAL ELT(INTERVAL(TO_SECONDS(`aviation_flight`.`scheduled_departure`) + 0e0, #194964c1) + #8c1be163) MICROSECOND)) month AS `k0`,
`aviation_airline`.`name` AS `l1`,
COUNT(`aviation_flight`.`id`) AS `c0`,
COUNT(`aviation_flight`.`departure_delay`) AS `c1`,
ROUND(SUM(`aviation_flight`.`departure_delay`) / COUNT(`aviation_flight`.`departure_delay`), 2) AS `c2`,
SUM(`aviation_flight`.`distance`) AS `c3`,
`aviation_flight`.`carrier_id` AS `k1`
FROM `aviation_flight`
INNER JOIN `aviation_airline` ON (`aviation_flight`.`carrier_id` = `aviation_airline`.`code`)
GROUP BY 1,
7
ORDER BY `k0` IS NULL,
`k0` ASC,
`aviation_airline`.`name` IS NULL,
`aviation_airline`.`name` ASC,
`k1` IS NULL,
`k1` ASC
-- parameters: 
-- report: delays-by-weather
SELECT CONVERT(CASE WHEN `aviation_weather`.`precipitation` = %s THEN %s WHEN `aviation_weather`.`precipitation` < %s THEN %s WHEN `aviation_weather`.`precipitation` >= %s THEN %s ELSE NULL END USING utf8mb4) COLLATE utf8mb4_nopad_bin AS `k0`,
CONVERT(CASE WHEN `aviation_weather`.`wind_speed` < %s THEN %s WHEN `aviation_weather`.`wind_speed` < %s THEN %s WHEN `aviation_weather`.`wind_speed` >= %s THEN %s ELSE NULL END USING utf8mb4) COLLATE utf8mb4_nopad_bin AS `k1`,
COUNT(DISTINCT `aviation_weather`.`id`) AS `c0`,
COUNT(`aviation_flight`.`id`) AS `c1`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 10 AS DECIMAL(65, 1)) FROM JSON_TABLE(JSON_ARRAY((COUNT(CASE WHEN `aviation_flight`.`departure_time` IS NULL THEN `aviation_weather`.`id` ELSE NULL END) * %s), COUNT(`aviation_weather`.`id`)), '$' COLUMNS(dividend DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c2`,
ROUND(SUM(`aviation_flight`.`departure_delay`) / COUNT(`aviation_flight`.`departure_delay`), 1) AS `c3`,
(SELECT ROUND((CAST(SUBSTRING_INDEX(`let0`.pair, ',', 1) AS DECIMAL(65, 0)) * (2 - IF(`let0`.rest = 0, 2, `let0`.rest)) + CAST(SUBSTRING_INDEX(`let0`.pair, ',', -1) AS DECIMAL(65, 0)) * IF(`let0`.rest = 0, 2, `let0`.rest)) / 2, 1) FROM JSON_TABLE(JSON_ARRAY(SUBSTRING_INDEX(SUBSTRING_INDEX(GROUP_CONCAT(`aviation_flight`.`departure_delay` ORDER BY `aviation_flight`.`departure_delay`), ',', (1 * (COUNT(`aviation_flight`.`departure_delay`) - 1) + 1) DIV 2 + 1), ',', -2), MOD(1 * (COUNT(`aviation_flight`.`departure_delay`) - 1), 2)), '$' COLUMNS(pair VARCHAR(200) PATH '$[0]' ERROR ON ERROR, rest BIGINT PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c4`,
ROUND(SUM(`aviation_weather`.`visibility`) / COUNT(`aviation_weather`.`visibility`), 1) AS `c5`
FROM `aviation_weather`
INNER JOIN `geo_airport` ON (`aviation_weather`.`origin_id` = `geo_airport`.`icao`)
INNER JOIN `aviation_flight` ON (`geo_airport`.`icao` = `aviation_flight`.`origin_id`)
WHERE `aviation_flight`.`time_hour` = (`aviation_weather`.`time`)
GROUP BY 1,
2
ORDER BY ROUND(SUM(`aviation_flight`.`departure_delay`) / COUNT(`aviation_flight`.`departure_delay`), 1) DESC,
`k0` IS NULL,
`k0` ASC,
`k1` IS NULL,
`k1` ASC
-- parameters: Decimal('0'), 'none', Decimal('1'), 'light: under 1 mm', Decimal('1'), 'heavy: 1 mm and more', Decimal('4'), 'light: under 4 m/s', Decimal('8'), 'moderate: under 8 m/s', Decimal('8'), 'strong: 8 m/s and more', 100
-- report: fleet-age
SELECT `aviation_plane`.`manufacturer` AS `k0`,
COUNT(`aviation_plane`.`tailnum`) AS `c0`,
COUNT(`aviation_plane`.`year`) AS `c1`,
ROUND(SUM((%s - `aviation_plane`.`year`)) / COUNT((%s - `aviation_plane`.`year`)), 1) AS `c2`,
(SELECT ROUND((CAST(SUBSTRING_INDEX(`let0`.pair, ',', 1) AS DECIMAL(65, 0)) * (2 - IF(`let0`.rest = 0, 2, `let0`.rest)) + CAST(SUBSTRING_INDEX(`let0`.pair, ',', -1) AS DECIMAL(65, 0)) * IF(`let0`.rest = 0, 2, `let0`.rest)) / 2, 1) FROM JSON_TABLE(JSON_ARRAY(SUBSTRING_INDEX(SUBSTRING_INDEX(GROUP_CONCAT((%s - `aviation_plane`.`year`) ORDER BY (%s - `aviation_plane`.`year`)), ',', (1 * (COUNT((%s - `aviation_plane`.`year`)) - 1) + 1) DIV 2 + 1), ',', -2), MOD(1 * (COUNT((%s - `aviation_plane`.`year`)) - 1), 2)), '$' COLUMNS(pair VARCHAR(200) PATH '$[0]' ERROR ON ERROR, rest BIGINT PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c3`,
MAX((%s - `aviation_plane`.`year`)) AS `c4`,
CONVERT(GROUP_CONCAT(`aviation_plane`.`tailnum` ORDER BY `aviation_plane`.`year` IS NOT NULL DESC, `aviation_plane`.`year` ASC, `aviation_plane`.`tailnum` ASC SEPARATOR %s LIMIT 1) USING utf8mb4) COLLATE utf8mb4_nopad_bin AS `c5`,
MIN((%s - `aviation_plane`.`year`)) AS `c6`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 10 AS DECIMAL(65, 1)) FROM JSON_TABLE(JSON_ARRAY((COUNT(CASE WHEN `aviation_plane`.`year` < %s THEN `aviation_plane`.`tailnum` ELSE NULL END) * %s), COUNT(`aviation_plane`.`year`)), '$' COLUMNS(dividend DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c7`
FROM `aviation_plane`
GROUP BY 1
ORDER BY COUNT(`aviation_plane`.`tailnum`) DESC,
`k0` IS NULL,
`k0` ASC
-- parameters: 2013, 2013, 2013, 2013, 2013, 2013, 2013, '', 2013, 1993, 100
-- report: flights-over-an-area
SELECT `aviation_airline`.`name` AS `l0`,
COUNT(`aviation_flight`.`id`) AS `c0`,
COUNT(DISTINCT `aviation_flight`.`destination_code`) AS `c1`,
GROUP_CONCAT(DISTINCT `aviation_flight`.`destination_code` ORDER BY `aviation_flight`.`destination_code` ASC SEPARATOR %s) AS `c2`,
SUM(`aviation_flight`.`distance`) AS `c3`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 10 AS DECIMAL(65, 1)) FROM JSON_TABLE(JSON_ARRAY((COUNT(CASE WHEN `aviation_flight`.`departure_time` IS NULL THEN `aviation_flight`.`id` ELSE NULL END) * %s), COUNT(`aviation_flight`.`id`)), '$' COLUMNS(dividend DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c4`,
`aviation_flight`.`carrier_id` AS `k0`
FROM `aviation_flight`
INNER JOIN `aviation_airline` ON (`aviation_flight`.`carrier_id` = `aviation_airline`.`code`)
GROUP BY 7
ORDER BY COUNT(`aviation_flight`.`id`) DESC,
`aviation_airline`.`name` IS NULL,
`aviation_airline`.`name` ASC,
`k0` IS NULL,
`k0` ASC
-- parameters: ', ', 100
-- report: highest-airports
SELECT `geo_airport`.`name` AS `c0`,
`geo_country`.`name` AS `c1`,
`geo_airport`.`elevation` AS `c2`,
RANK() OVER (PARTITION BY `geo_airport`.`country_id` ORDER BY `geo_airport`.`elevation` DESC) AS `c3`,
COUNT(`geo_airport`.`icao`) OVER (PARTITION BY `geo_airport`.`country_id` ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS `c4`,
`geo_airport`.`icao` AS `c5`,
`geo_airport`.`iata` AS `c6`,
`geo_airport`.`icao` AS `k`
FROM `geo_airport`
INNER JOIN `geo_country` ON (`geo_airport`.`country_id` = `geo_country`.`code`)
ORDER BY `c2` DESC,
`c0` IS NULL,
`c0` ASC,
`k` IS NULL,
`k` ASC
-- parameters: 
-- report: large-cities
SELECT `geo_city`.`name` AS `c0`,
`geo_country`.`name` AS `c1`,
`geo_city`.`population` AS `c2`,
ST_AsBinary(`geo_city`.`location`) AS `c3`,
`geo_city`.`geoname_id` AS `k`
FROM `geo_city`
INNER JOIN `geo_country` ON (`geo_city`.`country_id` = `geo_country`.`code`)
WHERE `geo_city`.`population` > %s
ORDER BY `c2` DESC,
`c0` IS NULL,
`c0` ASC,
`k` IS NULL,
`k` ASC
-- parameters: 1000000
-- report: names-by-country
SELECT `geo_country`.`name` AS `l0`,
COUNT(DISTINCT `geo_city`.`geoname_id`) AS `c0`,
COUNT(`geo_cityname`.`id`) AS `c1`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 10 AS DECIMAL(65, 1)) FROM JSON_TABLE(JSON_ARRAY(COUNT(`geo_cityname`.`id`), COUNT(DISTINCT `geo_city`.`geoname_id`)), '$' COLUMNS(dividend DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c2`,
ROUND(SUM(CHAR_LENGTH(`geo_cityname`.`name`)) / COUNT(CHAR_LENGTH(`geo_cityname`.`name`)), 1) AS `c3`,
MAX(CHAR_LENGTH(`geo_cityname`.`name`)) AS `c4`,
CONVERT(GROUP_CONCAT(`geo_cityname`.`name` ORDER BY CHAR_LENGTH(`geo_cityname`.`name`) IS NOT NULL DESC, CHAR_LENGTH(`geo_cityname`.`name`) DESC, `geo_cityname`.`name` ASC SEPARATOR %s LIMIT 1) USING utf8mb4) COLLATE utf8mb4_nopad_bin AS `c5`,
`geo_city`.`country_id` AS `k0`
FROM `geo_city`
INNER JOIN `geo_country` ON (`geo_city`.`country_id` = `geo_country`.`code`)
LEFT OUTER JOIN `geo_cityname` ON (`geo_city`.`geoname_id` = `geo_cityname`.`city_id`)
GROUP BY 8
ORDER BY (SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 10 AS DECIMAL(65, 1)) FROM JSON_TABLE(JSON_ARRAY(COUNT(`geo_cityname`.`id`), COUNT(DISTINCT `geo_city`.`geoname_id`)), '$' COLUMNS(dividend DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR)) `let0`) DESC,
`geo_country`.`name` IS NULL,
`geo_country`.`name` ASC,
`k0` IS NULL,
`k0` ASC
-- parameters: ''
-- report: nearest-airports-of-large-cities
SELECT `geo_city`.`name` AS `c0`,
`geo_country`.`name` AS `c1`,
`geo_city`.`population` AS `c2`,
CONVERT((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v VARCHAR(65) COLLATE utf8mb4_nopad_bin PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `geo_city`.`geoname_id`) USING utf8mb4) COLLATE utf8mb4_nopad_bin AS `c3`,
CONVERT((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v VARCHAR(3) COLLATE utf8mb4_nopad_bin PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `geo_city`.`geoname_id`) USING utf8mb4) COLLATE utf8mb4_nopad_bin AS `c4`,
CAST(SIGN((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v DECIMAL(11, 3) PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `geo_city`.`geoname_id`)) * SIGN(%s) * FLOOR(((2.0 * ABS((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v DECIMAL(11, 3) PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `geo_city`.`geoname_id`)) * 10 + ABS(%s)) - MOD((2.0 * ABS((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v DECIMAL(11, 3) PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `geo_city`.`geoname_id`)) * 10 + ABS(%s)), (2.0 * ABS(%s)))) / (2.0 * ABS(%s))) / 10 AS DECIMAL(65, 1)) AS `c5`,
(SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v BIGINT PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `geo_city`.`geoname_id`) AS `c6`,
`geo_city`.`geoname_id` AS `k`
FROM `geo_city`
INNER JOIN `geo_country` ON (`geo_city`.`country_id` = `geo_country`.`code`)
WHERE `geo_city`.`population` > %s
ORDER BY `c2` DESC,
`c0` IS NULL,
`c0` ASC,
`k` IS NULL,
`k` ASC
-- parameters: #73b4dbc8, #4adec346, #de97f19c, 1000, #de97f19c, 1000, #de97f19c, 1000, 1000, 1000, #fbd08a71, 1000000
-- report: neighbours-on-the-map
SELECT `geo_country`.`name` AS `c0`,
CONVERT((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k VARCHAR(2) COLLATE utf8mb4_nopad_bin PATH '$[0]', v VARCHAR(47) COLLATE utf8mb4_nopad_bin PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = CONVERT(`geo_countryshape`.`country_id` USING utf8mb4) COLLATE utf8mb4_nopad_bin) USING utf8mb4) COLLATE utf8mb4_nopad_bin AS `c1`,
((CHAR_LENGTH(CONVERT((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k VARCHAR(2) COLLATE utf8mb4_nopad_bin PATH '$[0]', v VARCHAR(47) COLLATE utf8mb4_nopad_bin PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = CONVERT(`geo_countryshape`.`country_id` USING utf8mb4) COLLATE utf8mb4_nopad_bin) USING utf8mb4) COLLATE utf8mb4_nopad_bin) - CHAR_LENGTH(REPLACE(CONVERT((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k VARCHAR(2) COLLATE utf8mb4_nopad_bin PATH '$[0]', v VARCHAR(47) COLLATE utf8mb4_nopad_bin PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = CONVERT(`geo_countryshape`.`country_id` USING utf8mb4) COLLATE utf8mb4_nopad_bin) USING utf8mb4) COLLATE utf8mb4_nopad_bin, %s COLLATE utf8mb4_nopad_bin, %s COLLATE utf8mb4_nopad_bin))) + %s) AS `c2`,
`geo_country`.`neighbours` AS `c3`,
`geo_countryshape`.`country_id` AS `k`
FROM `geo_countryshape`
INNER JOIN `geo_country` ON (`geo_countryshape`.`country_id` = `geo_country`.`code`)
ORDER BY `c0` IS NULL,
`c0` ASC,
`k` IS NULL,
`k` ASC
-- parameters: #bdbd278e, #bdbd278e, #bdbd278e, ',', '', 1
-- report: planes-by-model
SELECT `aviation_plane`.`manufacturer` AS `k0`,
`aviation_plane`.`model` AS `k1`,
COUNT(`aviation_plane`.`tailnum`) AS `c0`,
MIN(`aviation_plane`.`engine`) AS `c1`,
ROUND(SUM(`aviation_plane`.`seats`) / COUNT(`aviation_plane`.`seats`), 1) AS `c2`,
ROUND(SUM(`aviation_plane`.`year`) / COUNT(`aviation_plane`.`year`), 1) AS `c3`
FROM `aviation_plane`
GROUP BY 1,
2
ORDER BY COUNT(`aviation_plane`.`tailnum`) DESC,
`k0` IS NULL,
`k0` ASC,
`k1` IS NULL,
`k1` ASC
-- parameters: 
-- report: punctuality-by-carrier
SELECT `aviation_airline`.`name` AS `l0`,
COUNT(`aviation_flight`.`id`) AS `c0`,
COUNT(CASE WHEN `aviation_flight`.`departure_time` IS NULL THEN `aviation_flight`.`id` ELSE NULL END) AS `c1`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 100 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 100 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 100 AS DECIMAL(65, 2)) FROM JSON_TABLE(JSON_ARRAY((COUNT(CASE WHEN `aviation_flight`.`departure_time` IS NULL THEN `aviation_flight`.`id` ELSE NULL END) * %s), COUNT(`aviation_flight`.`id`)), '$' COLUMNS(dividend DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c2`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 10 AS DECIMAL(65, 1)) FROM JSON_TABLE(JSON_ARRAY((COUNT(CASE WHEN `aviation_flight`.`arrival_delay` < %s THEN `aviation_flight`.`id` ELSE NULL END) * %s), COUNT(`aviation_flight`.`arrival_delay`)), '$' COLUMNS(dividend DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c3`,
ROUND(SUM(`aviation_flight`.`arrival_delay`) / COUNT(`aviation_flight`.`arrival_delay`), 1) AS `c4`,
(SELECT ROUND((CAST(SUBSTRING_INDEX(`let0`.pair, ',', 1) AS DECIMAL(65, 0)) * (2 - IF(`let0`.rest = 0, 2, `let0`.rest)) + CAST(SUBSTRING_INDEX(`let0`.pair, ',', -1) AS DECIMAL(65, 0)) * IF(`let0`.rest = 0, 2, `let0`.rest)) / 2, 1) FROM JSON_TABLE(JSON_ARRAY(SUBSTRING_INDEX(SUBSTRING_INDEX(GROUP_CONCAT(`aviation_flight`.`arrival_delay` ORDER BY `aviation_flight`.`arrival_delay`), ',', (1 * (COUNT(`aviation_flight`.`arrival_delay`) - 1) + 1) DIV 2 + 1), ',', -2), MOD(1 * (COUNT(`aviation_flight`.`arrival_delay`) - 1), 2)), '$' COLUMNS(pair VARCHAR(200) PATH '$[0]' ERROR ON ERROR, rest BIGINT PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c5`,
(SELECT ROUND((CAST(SUBSTRING_INDEX(`let0`.pair, ',', 1) AS DECIMAL(65, 0)) * (10 - IF(`let0`.rest = 0, 10, `let0`.rest)) + CAST(SUBSTRING_INDEX(`let0`.pair, ',', -1) AS DECIMAL(65, 0)) * IF(`let0`.rest = 0, 10, `let0`.rest)) / 10, 1) FROM JSON_TABLE(JSON_ARRAY(SUBSTRING_INDEX(SUBSTRING_INDEX(GROUP_CONCAT(`aviation_flight`.`arrival_delay` ORDER BY `aviation_flight`.`arrival_delay`), ',', (9 * (COUNT(`aviation_flight`.`arrival_delay`) - 1) + 9) DIV 10 + 1), ',', -2), MOD(9 * (COUNT(`aviation_flight`.`arrival_delay`) - 1), 10)), '$' COLUMNS(pair VARCHAR(200) PATH '$[0]' ERROR ON ERROR, rest BIGINT PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c6`,
`aviation_flight`.`carrier_id` AS `k0`
FROM `aviation_flight`
INNER JOIN `aviation_airline` ON (`aviation_flight`.`carrier_id` = `aviation_airline`.`code`)
GROUP BY 9
ORDER BY (SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 10 AS DECIMAL(65, 1)) FROM JSON_TABLE(JSON_ARRAY((COUNT(CASE WHEN `aviation_flight`.`arrival_delay` < %s THEN `aviation_flight`.`id` ELSE NULL END) * %s), COUNT(`aviation_flight`.`arrival_delay`)), '$' COLUMNS(dividend DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR)) `let0`) DESC,
`aviation_airline`.`name` IS NULL,
`aviation_airline`.`name` ASC,
`k0` IS NULL,
`k0` ASC
-- parameters: 100, 15, 100, 15, 100
-- report: routes-and-their-delays
SELECT `geo_airport`.`iata` AS `k0`,
`aviation_flight`.`destination_code` AS `k1`,
MIN(T3.`name`) AS `c0`,
COUNT(`aviation_flight`.`id`) AS `c1`,
GROUP_CONCAT(DISTINCT `aviation_flight`.`carrier_id` ORDER BY `aviation_flight`.`carrier_id` ASC SEPARATOR %s) AS `c2`,
CONVERT(CONVERT(UNHEX((SELECT isoline_row.v FROM JSON_TABLE(JSON_ARRAYAGG(HEX(`aviation_flight`.`carrier_id`)), '$[*]' COLUMNS (v VARBINARY(16) PATH '$' ERROR ON ERROR)) isoline_row WHERE isoline_row.v IS NOT NULL GROUP BY isoline_row.v ORDER BY COUNT(*) DESC, isoline_row.v LIMIT 1)) USING utf8mb4) USING utf8mb4) COLLATE utf8mb4_nopad_bin AS `c3`,
MIN(`aviation_flight`.`distance`) AS `c4`,
MIN(`aviation_flight`.`air_time`) AS `c5`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 1 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 1 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 1 AS DECIMAL(65, 0)) FROM JSON_TABLE(JSON_ARRAY((SUM(CASE WHEN `aviation_flight`.`air_time` IS NOT NULL THEN `aviation_flight`.`distance` ELSE NULL END) * %s), SUM(`aviation_flight`.`air_time`)), '$' COLUMNS(dividend DECIMAL(65, 3) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 3) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c6`,
(SELECT CAST(SIGN(`let0`.dividend) * SIGN(`let0`.divisor) * FLOOR(((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)) - MOD((2.0 * ABS(`let0`.dividend) * 10 + ABS(`let0`.divisor)), (2.0 * ABS(`let0`.divisor)))) / (2.0 * ABS(`let0`.divisor))) / 10 AS DECIMAL(65, 1)) FROM JSON_TABLE(JSON_ARRAY((COUNT(CASE WHEN `aviation_flight`.`arrival_delay` >= %s THEN `aviation_flight`.`id` ELSE NULL END) * %s), COUNT(`aviation_flight`.`arrival_delay`)), '$' COLUMNS(dividend DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, divisor DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c7`
FROM `aviation_flight`
INNER JOIN `geo_airport` ON (`aviation_flight`.`origin_id` = `geo_airport`.`icao`)
LEFT OUTER JOIN `geo_airport` T3 ON (`aviation_flight`.`destination_id` = T3.`icao`)
GROUP BY 1,
2
ORDER BY COUNT(`aviation_flight`.`id`) DESC,
`k0` IS NULL,
`k0` ASC,
`k1` IS NULL,
`k1` ASC
-- parameters: ', ', 60, 15, 100
-- report: routes-and-what-they-cross
SELECT `geo_airport`.`iata` AS `c0`,
T3.`name` AS `c1`,
CAST(SIGN(`aviation_route`.`length_m`) * SIGN(%s) * FLOOR(((2.0 * ABS(`aviation_route`.`length_m`) * 10 + ABS(%s)) - MOD((2.0 * ABS(`aviation_route`.`length_m`) * 10 + ABS(%s)), (2.0 * ABS(%s)))) / (2.0 * ABS(%s))) / 10 AS DECIMAL(65, 1)) AS `c2`,
CONVERT((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k BIGINT PATH '$[0]', v VARCHAR(34) COLLATE utf8mb4_nopad_bin PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = `aviation_route`.`id`) USING utf8mb4) COLLATE utf8mb4_nopad_bin AS `c3`,
`aviation_route`.`id` AS `k`
FROM `aviation_route`
INNER JOIN `geo_airport` ON (`aviation_route`.`origin_id` = `geo_airport`.`icao`)
INNER JOIN `geo_airport` T3 ON (`aviation_route`.`destination_id` = T3.`icao`)
ORDER BY CAST(SIGN(`aviation_route`.`length_m`) * SIGN(%s) * FLOOR(((2.0 * ABS(`aviation_route`.`length_m`) * 10 + ABS(%s)) - MOD((2.0 * ABS(`aviation_route`.`length_m`) * 10 + ABS(%s)), (2.0 * ABS(%s)))) / (2.0 * ABS(%s))) / 10 AS DECIMAL(65, 1)) DESC,
`c0` IS NULL,
`c0` ASC,
`c1` IS NULL,
`c1` ASC,
`k` IS NULL,
`k` ASC
-- parameters: 1000, 1000, 1000, 1000, 1000, #d952af19, 1000, 1000, 1000, 1000, 1000
-- report: seats-by-engine
SELECT `aviation_plane`.`engine` AS `k0`,
`aviation_plane`.`engines` AS `k1`,
COUNT(`aviation_plane`.`tailnum`) AS `c0`,
SUM(`aviation_plane`.`seats`) AS `c1`,
MIN(`aviation_plane`.`seats`) AS `c2`,
MAX(`aviation_plane`.`seats`) AS `c3`,
ROUND(SUM(`aviation_plane`.`seats`) / COUNT(`aviation_plane`.`seats`), 1) AS `c4`,
(SELECT ROUND((CAST(SUBSTRING_INDEX(`let0`.pair, ',', 1) AS DECIMAL(65, 0)) * (2 - IF(`let0`.rest = 0, 2, `let0`.rest)) + CAST(SUBSTRING_INDEX(`let0`.pair, ',', -1) AS DECIMAL(65, 0)) * IF(`let0`.rest = 0, 2, `let0`.rest)) / 2, 1) FROM JSON_TABLE(JSON_ARRAY(SUBSTRING_INDEX(SUBSTRING_INDEX(GROUP_CONCAT(`aviation_plane`.`seats` ORDER BY `aviation_plane`.`seats`), ',', (1 * (COUNT(`aviation_plane`.`seats`) - 1) + 1) DIV 2 + 1), ',', -2), MOD(1 * (COUNT(`aviation_plane`.`seats`) - 1), 2)), '$' COLUMNS(pair VARCHAR(200) PATH '$[0]' ERROR ON ERROR, rest BIGINT PATH '$[1]' ERROR ON ERROR)) `let0`) AS `c5`,
(SELECT CAST(FLOOR((`let5`.doubled + 1) / 2) / 100 AS DECIMAL(65, 2)) FROM JSON_TABLE(JSON_ARRAY(CAST(SUM(`aviation_plane`.`seats`) * 1 AS DECIMAL(65, 0)), COUNT(`aviation_plane`.`seats`), CAST(SUM(`aviation_plane`.`seats` * `aviation_plane`.`seats`) * 1 AS DECIMAL(65, 0))), '$' COLUMNS(total DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR, count DECIMAL(65, 0) PATH '$[1]' ERROR ON ERROR, squares DECIMAL(65, 0) PATH '$[2]' ERROR ON ERROR)) `let0`, JSON_TABLE(JSON_ARRAY(CAST(FLOOR((4 * (`let0`.count * `let0`.squares - `let0`.total * `let0`.total) * 10000 - MOD(4 * (`let0`.count * `let0`.squares - `let0`.total * `let0`.total) * 10000, (`let0`.count * (`let0`.count - 0) * 1))) / (`let0`.count * (`let0`.count - 0) * 1)) AS DECIMAL(65, 0))), '$' COLUMNS(square DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR)) `let1`, JSON_TABLE(JSON_ARRAY(CAST(GREATEST(SQRT(`let1`.square), 1) AS DECIMAL(65, 0))), '$' COLUMNS(near DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR)) `let2`, JSON_TABLE(JSON_ARRAY(CAST(GREATEST(FLOOR((`let2`.near + FLOOR((`let1`.square - MOD(`let1`.square, `let2`.near)) / `let2`.near)) / 2), 1) AS DECIMAL(65, 0))), '$' COLUMNS(nearer DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR)) `let3`, JSON_TABLE(JSON_ARRAY(CAST(GREATEST(FLOOR((`let3`.nearer + FLOOR((`let1`.square - MOD(`let1`.square, `let3`.nearer)) / `let3`.nearer)) / 2), 1) AS DECIMAL(65, 0))), '$' COLUMNS(above DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR)) `let4`, JSON_TABLE(JSON_ARRAY(CAST(`let4`.above - (`let4`.above * `let4`.above > `let1`.square) AS DECIMAL(65, 0))), '$' COLUMNS(doubled DECIMAL(65, 0) PATH '$[0]' ERROR ON ERROR)) `let5`) AS `c6`,
CONVERT(CONVERT(UNHEX((SELECT isoline_row.v FROM JSON_TABLE(JSON_ARRAYAGG(HEX(`aviation_plane`.`model`)), '$[*]' COLUMNS (v VARBINARY(400) PATH '$' ERROR ON ERROR)) isoline_row WHERE isoline_row.v IS NOT NULL GROUP BY isoline_row.v ORDER BY COUNT(*) DESC, isoline_row.v LIMIT 1)) USING utf8mb4) USING utf8mb4) COLLATE utf8mb4_nopad_bin AS `c7`,
GROUP_CONCAT(DISTINCT `aviation_plane`.`manufacturer` ORDER BY `aviation_plane`.`manufacturer` ASC SEPARATOR %s) AS `c8`
FROM `aviation_plane`
GROUP BY 1,
2
ORDER BY COUNT(`aviation_plane`.`tailnum`) DESC,
`k0` IS NULL,
`k0` ASC,
`k1` IS NULL,
`k1` ASC
-- parameters: ', '
-- report: states-by-airport-density
SELECT `geo_state`.`name` AS `c0`,
`geo_country`.`name` AS `c1`,
(SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k VARCHAR(9) COLLATE utf8mb4_nopad_bin PATH '$[0]', v BIGINT PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = CONVERT(`geo_state`.`code` USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS `c2`,
CAST(SIGN(`geo_state`.`square_metres`) * SIGN(%s) * FLOOR(((2.0 * ABS(`geo_state`.`square_metres`) * 1 + ABS(%s)) - MOD((2.0 * ABS(`geo_state`.`square_metres`) * 1 + ABS(%s)), (2.0 * ABS(%s)))) / (2.0 * ABS(%s))) / 1 AS DECIMAL(65, 0)) AS `c3`,
CAST(SIGN(((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k VARCHAR(9) COLLATE utf8mb4_nopad_bin PATH '$[0]', v BIGINT PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = CONVERT(`geo_state`.`code` USING utf8mb4) COLLATE utf8mb4_nopad_bin) * %s)) * SIGN(`geo_state`.`square_metres`) * FLOOR(((2.0 * ABS(((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k VARCHAR(9) COLLATE utf8mb4_nopad_bin PATH '$[0]', v BIGINT PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = CONVERT(`geo_state`.`code` USING utf8mb4) COLLATE utf8mb4_nopad_bin) * %s)) * 100 + ABS(`geo_state`.`square_metres`)) - MOD((2.0 * ABS(((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k VARCHAR(9) COLLATE utf8mb4_nopad_bin PATH '$[0]', v BIGINT PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = CONVERT(`geo_state`.`code` USING utf8mb4) COLLATE utf8mb4_nopad_bin) * %s)) * 100 + ABS(`geo_state`.`square_metres`)), (2.0 * ABS(`geo_state`.`square_metres`)))) / (2.0 * ABS(`geo_state`.`square_metres`))) / 100 AS DECIMAL(65, 2)) AS `c4`,
`geo_state`.`code` AS `k`
FROM `geo_state`
INNER JOIN `geo_country` ON (`geo_state`.`country_id` = `geo_country`.`code`)
ORDER BY CAST(SIGN(((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k VARCHAR(9) COLLATE utf8mb4_nopad_bin PATH '$[0]', v BIGINT PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = CONVERT(`geo_state`.`code` USING utf8mb4) COLLATE utf8mb4_nopad_bin) * %s)) * SIGN(`geo_state`.`square_metres`) * FLOOR(((2.0 * ABS(((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k VARCHAR(9) COLLATE utf8mb4_nopad_bin PATH '$[0]', v BIGINT PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = CONVERT(`geo_state`.`code` USING utf8mb4) COLLATE utf8mb4_nopad_bin) * %s)) * 100 + ABS(`geo_state`.`square_metres`)) - MOD((2.0 * ABS(((SELECT MIN(v) FROM (SELECT DISTINCT k, v FROM JSON_TABLE(%s, '$[*]' COLUMNS (k VARCHAR(9) COLLATE utf8mb4_nopad_bin PATH '$[0]', v BIGINT PATH '$[1]' ERROR ON ERROR)) isoline_row) isoline_listed WHERE k = CONVERT(`geo_state`.`code` USING utf8mb4) COLLATE utf8mb4_nopad_bin) * %s)) * 100 + ABS(`geo_state`.`square_metres`)), (2.0 * ABS(`geo_state`.`square_metres`)))) / (2.0 * ABS(`geo_state`.`square_metres`))) / 100 AS DECIMAL(65, 2)) DESC,
`c0` IS NULL,
`c0` ASC,
`k` IS NULL,
`k` ASC
-- parameters: #d0508691, 1000000, 1000000, 1000000, 1000000, 1000000, #d0508691, 100000000000, #d0508691, 100000000000, #d0508691, 100000000000, #d0508691, 100000000000, #d0508691, 100000000000, #d0508691, 100000000000
