-- theme: adding-up
-- en: How far is a plain sum from one that counts every request once?
-- zh: 直接相加与不重复合计相差多少？
-- trap: Governments' reports hold what their departments report. Where the store has both, the plain sum counts the departments twice: the more bodies of a place it has, the larger is the difference.
SELECT year, agency_level, sum(received) AS plain_sum, sum(received) FILTER (counted) AS counted_once
FROM key_figures
WHERE year >= 2019
GROUP BY year, agency_level ORDER BY year, agency_level;
