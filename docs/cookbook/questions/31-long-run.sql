-- theme: years
-- en: How did requests develop since 2008?
-- zh: 2008年以来申请量如何变化？
-- trap: `counted_since` is the last break in the series (2014, 2019, 2021): do not draw one line across it. `source` `narrative` are counts of sentences, often the only ones before 2019.
SELECT year, counted_since, sum(value) AS received, count(value) AS reports
FROM requests_long_run
WHERE series = 'requests_received'
GROUP BY year, counted_since ORDER BY year;
