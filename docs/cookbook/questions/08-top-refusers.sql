-- theme: outcomes
-- en: Which agencies refuse most often?
-- zh: 哪些机关不予公开的比例最高？
-- trap: Shares of a handful of requests say nothing: ask for a least number of outcomes. `refused_share` is NULL where one of the eight grounds is blank or not legible.
SELECT year, agency_name, outcomes, refused, refused_share
FROM key_figures
WHERE stands_for = 'body' AND outcomes >= 20 AND refused_share IS NOT NULL
ORDER BY refused_share DESC, year, agency_name LIMIT 5;
