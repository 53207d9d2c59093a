-- theme: review
-- en: How many reconsiderations and lawsuits for a thousand decided requests?
-- zh: 每千件办结申请引起多少复议和诉讼？
-- trap: Cases of a year may be about requests of the year before.
SELECT year, round(1000 * sum(review_total) / sum(outcomes), 1) AS reconsiderations,
  round(1000 * sum(litigation_total) / sum(outcomes), 1) AS lawsuits
FROM key_figures
WHERE counted AND outcomes IS NOT NULL AND review_total IS NOT NULL AND litigation_total IS NOT NULL
GROUP BY year HAVING sum(outcomes) > 0 ORDER BY year;
