-- zh: 各地区、年度、层级不重复合计：只计 key_figures 中 counted 为真的报告；层级不可相加
-- en: Sums by year, region and level without counting anything twice: the reports of `key_figures` that are `counted`. Levels are not to be added
SELECT
  year, region, agency_level AS level,
  count(*) AS reports,
  count(*) FILTER (stands_for = 'place') AS of_places,
  count(*) FILTER (stands_for = 'body') AS of_bodies,
  count(*) FILTER (stands_for = 'apart') AS apart,
  count(received) AS with_received,
  CAST(sum(received) AS BIGINT) AS received,
  CAST(sum(carried_over) AS BIGINT) AS carried_over,
  CAST(sum(granted) AS BIGINT) AS granted,
  CAST(sum(partially_granted) AS BIGINT) AS partially_granted,
  CAST(sum(refused) AS BIGINT) AS refused,
  CAST(sum(unavailable) AS BIGINT) AS unavailable,
  CAST(sum(not_processed) AS BIGINT) AS not_processed,
  CAST(sum(other_outcomes) AS BIGINT) AS other_outcomes,
  CAST(sum(outcomes) AS BIGINT) AS outcomes,
  CAST(sum(carried_forward) AS BIGINT) AS carried_forward,
  CAST(sum(review_total) AS BIGINT) AS review_total,
  CAST(sum(review_corrected) AS BIGINT) AS review_corrected,
  CAST(sum(litigation_total) AS BIGINT) AS litigation_total,
  CAST(sum(litigation_corrected) AS BIGINT) AS litigation_corrected
FROM key_figures
WHERE counted
GROUP BY year, region, agency_level
