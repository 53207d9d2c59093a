-- theme: review
-- en: Do people go to court directly, or after reconsideration?
-- zh: 直接起诉多还是复议后起诉多？
-- trap: `report_wide` has a column for every cell: `v_` review and litigation, `r_` requests, `p_` proactive disclosure.
SELECT w.year, sum(v_court_direct_total) AS directly, sum(v_court_after_review_total) AS after_reconsideration
FROM report_wide AS w
WHERE w.counted
GROUP BY w.year HAVING directly IS NOT NULL ORDER BY w.year;
