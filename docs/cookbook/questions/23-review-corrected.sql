-- theme: review
-- en: How often does reconsideration correct the agency?
-- zh: 行政复议纠正比例有多高？
-- trap: Pending cases are in the total; a share of concluded cases leaves them out, as here.
SELECT year, sum(review_total) AS cases, sum(review_corrected) AS corrected, round(sum(review_corrected) / nullif(sum(review_total - review_pending), 0), 3) AS of_concluded
FROM key_figures
WHERE counted AND review_corrected + review_pending IS NOT NULL AND review_total IS NOT NULL
GROUP BY year ORDER BY year;
