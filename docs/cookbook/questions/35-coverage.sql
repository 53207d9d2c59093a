-- theme: places
-- en: How much of the country is in the store?
-- zh: 数据覆盖了多少行政区？
-- trap: `divisions` counts what the gazetteer knows for the year and level; a place with no row in `reports` was not met, which is not the same as not published.
SELECT year, level, sum(divisions) AS divisions, sum(divisions_found) AS with_a_report, sum(reports) AS reports
FROM coverage
WHERE year >= 2021 AND level IN ('province', 'prefecture', 'county')
GROUP BY year, level ORDER BY year, level;
