-- theme: years
-- en: How did the agencies develop that reported in both years?
-- zh: 两年都有报告的机关（平衡面板）如何变化？
-- trap: Without this, a rise may only be that more agencies were crawled. An agency may have two reports of a year (`own`, `whole`): keep `counted` ones.
SELECT year, count(*) AS agencies, sum(received) AS received
FROM key_figures
WHERE counted AND (region, agency_id) IN (SELECT (region, agency_id) FROM key_figures
  WHERE counted AND year IN (2021, 2022) AND received IS NOT NULL GROUP BY ALL HAVING count(DISTINCT year) = 2)
  AND year IN (2021, 2022) GROUP BY year ORDER BY year;
