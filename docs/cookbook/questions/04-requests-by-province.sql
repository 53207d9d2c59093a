-- theme: adding-up
-- en: Which regions receive most requests at county level?
-- zh: 县级机关收到申请最多的是哪些地区？
-- trap: A region with more reports in the store has more requests. Compare requests for each report, or the same agencies through years.
SELECT region, received, with_received AS reports, round(received / with_received, 1) AS for_each_report
FROM key_figures_by_region
WHERE year = 2022 AND level = 'county' AND with_received > 0
ORDER BY received DESC, region LIMIT 10;
