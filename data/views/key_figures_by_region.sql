-- zh: 各地区、年度、层级不重复合计：只计 key_figures 中 counted 为真的报告；层级不可相加
-- en: Sums by year, region and level without counting anything twice: the reports of `key_figures` that are `counted`. Levels are not to be added
-- column: level | 机关层级 | Level of the agencies
-- column: reports | 计入的报告数 | Reports that are counted
-- column: of_places | 其中代表所在地政府的 | Of those, of governments for their place
-- column: of_bodies | 其中代表单个机关的 | Of those, of single bodies
-- column: apart | 其中不受本级政府统计的 | Of those, of bodies on which no government reports
-- column: with_received | 印有本年新收申请数的报告数 | Reports that print the number of new requests
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
