-- theme: text
-- en: Who hands in last year's text again?
-- zh: 谁几乎照抄上年的文字？
-- trap: `similar_last_year` is NULL where the store has no report of the year before.
SELECT n.year, k.agency_name, n.section, n.chars, n.similar_last_year
FROM narratives AS n JOIN key_figures AS k USING (report_id, year, region)
WHERE n.similar_last_year IS NOT NULL
ORDER BY n.similar_last_year DESC, n.year, k.agency_name, n.section LIMIT 5;
