-- theme: adding-up
-- en: How many requests does a typical agency receive?
-- zh: 一个机关一般收到多少申请？
-- trap: Means are drawn up by a few large cities; the median says more. Governments' reports are no single agencies: `stands_for` `body`.
SELECT year, agency_level, count(received) AS agencies, median(received) AS median, max(received) AS most
FROM key_figures
WHERE stands_for = 'body' AND year >= 2021
GROUP BY year, agency_level ORDER BY year, agency_level;
