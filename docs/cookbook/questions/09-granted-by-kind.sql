-- theme: outcomes
-- en: Which kinds of agencies grant most?
-- zh: 哪类机关公开比例最高？
-- trap: `agency_kind` is the function (`codes` has the Chinese names). A mean of shares gives a small agency the weight of a large one; this divides sums.
SELECT agency_kind, count(*) AS reports, sum(outcomes) AS outcomes, round(sum(granted + partially_granted) / sum(outcomes), 3) AS granted
FROM key_figures
WHERE stands_for = 'body' AND granted_share IS NOT NULL
GROUP BY agency_kind HAVING sum(outcomes) >= 50 ORDER BY granted DESC, agency_kind LIMIT 8;
