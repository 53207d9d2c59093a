-- theme: review
-- en: Do people go to court directly, or after reconsideration?
-- zh: 直接起诉多还是复议后起诉多？
-- trap: `report_wide` has a column for every cell: `v_` review and litigation, `r_` requests, `p_` proactive disclosure. It is put together when it is asked: name a year, or export it once ([desk](../desk.md)).
SELECT agency_level, sum(v_court_direct_total) AS directly, sum(v_court_after_review_total) AS after_reconsideration
FROM report_wide
WHERE counted AND year = 2023
GROUP BY agency_level ORDER BY agency_level;
