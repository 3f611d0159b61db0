SELECT c.continent, c.countries, a.airports, p.cities, p.people
  FROM (SELECT continent, COUNT(*) AS countries FROM geo_country GROUP BY continent) c
  JOIN (SELECT continent, COUNT(geo_airport.country_id) AS airports
          FROM geo_country
          LEFT JOIN geo_airport ON geo_airport.country_id = geo_country.code
         GROUP BY continent) a ON a.continent = c.continent
  JOIN (SELECT continent, COUNT(geo_city.country_id) AS cities, SUM(population_of_city) AS people
          FROM geo_country
          LEFT JOIN (SELECT country_id, population AS population_of_city FROM geo_city) geo_city
                 ON geo_city.country_id = geo_country.code
         GROUP BY continent) p ON p.continent = c.continent
 ORDER BY c.continent
