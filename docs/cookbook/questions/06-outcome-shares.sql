-- theme: outcomes
-- en: What becomes of requests?
-- zh: 申请的办理结果构成如何？
-- trap: Numerator and denominator must come from the same reports: only reports whose six outcomes add up to the printed total are taken here. `sum(granted) / sum(outcomes)` over all reports would divide by reports whose `granted` is NULL.
WITH whole AS (FROM key_figures WHERE counted AND granted + partially_granted + refused + unavailable + not_processed + other_outcomes = outcomes)
SELECT year, count(*) AS reports, round(sum(granted) / sum(outcomes), 3) AS granted, round(sum(partially_granted) / sum(outcomes), 3) AS partly,
  round(sum(refused) / sum(outcomes), 3) AS refused, round(sum(unavailable) / sum(outcomes), 3) AS unavailable,
  round(sum(not_processed) / sum(outcomes), 3) AS not_processed, round(sum(other_outcomes) / sum(outcomes), 3) AS other
FROM whole GROUP BY year ORDER BY year;
