-- theme: proactive
-- en: How many licences, penalties and coercive measures are decided?
-- zh: 行政许可、行政处罚、行政强制各作出多少决定？
-- trap: `decisions` is the column of the form of 2021; 2019 counted items and their change (`items_last_year`, `items_change`).
SELECT year, item, sum(decisions) AS decisions, count(decisions) AS reports
FROM proactive_disclosure SEMI JOIN (FROM key_figures WHERE counted) USING (report_id, year, region, scope)
WHERE item IN ('licensing', 'penalty', 'coercion') AND decisions IS NOT NULL
GROUP BY year, item ORDER BY year, item;
