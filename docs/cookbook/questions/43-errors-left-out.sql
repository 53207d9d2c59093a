-- theme: evidence
-- en: How much changes if reports with errors are left out?
-- zh: 剔除有错误的报告后结果有何变化？
-- trap: A finding of severity `error` says that printed figures contradict one another, not which of them is wrong: the figures stand as printed.
SELECT year, sum(received) AS all_reports, sum(received) FILTER (findings_error = 0) AS without_errors, count(*) FILTER (findings_error > 0) AS with_errors
FROM key_figures
WHERE counted AND form IN ('2019', '2021')
GROUP BY year ORDER BY year;
