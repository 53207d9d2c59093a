-- theme: outcomes
-- en: Why are requests not processed at all?
-- zh: 不予处理的各种情形各有多少？
-- trap: 不予处理 is not 不予公开: these requests were never decided on. Do not add the two without saying so.
SELECT year, sum(not_processed_petition) AS petition, sum(not_processed_repeated) AS repeated, sum(not_processed_publication) AS publication,
  sum(not_processed_excessive) AS excessive, sum(not_processed_confirmation) AS confirmation, sum(not_processed) AS all_five
FROM key_figures
WHERE counted AND form IN ('2019', '2021')
GROUP BY year ORDER BY year;
