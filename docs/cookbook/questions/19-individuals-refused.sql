-- theme: requests
-- en: Are natural persons refused more often than businesses?
-- zh: 自然人与企业被拒绝的比例有无差别？
-- trap: Outcomes by applicant stand in `disclosure_requests` (one row an item, one column an applicant) and `report_wide`, not in `key_figures`. Joined by `scope` too, a document with two tables is not mixed up; a table whose caption says a scope that its report does not say is left out here, and is in `report_wide`.
SELECT year, agency_level, round(sum(d.natural_person) FILTER (item_group = 'refused') / sum(d.natural_person) FILTER (item = 'total'), 3) AS persons,
  round(sum(d.business) FILTER (item_group = 'refused') / sum(d.business) FILTER (item = 'total'), 3) AS businesses
FROM disclosure_requests AS d JOIN key_figures AS k USING (report_id, year, region, scope)
WHERE k.counted AND year = 2022 AND (item_group = 'refused' OR item = 'total') GROUP BY year, agency_level ORDER BY agency_level;
