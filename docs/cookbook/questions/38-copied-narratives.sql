-- theme: text
-- en: Which narratives are like those of another agency?
-- zh: 哪些报告文字与其他机关雷同？
-- trap: Forms prescribe some sentences; below some 0.8 likeness is normal. `similar_report_id` is the report that is most alike.
SELECT n.year, k.agency_name, n.section, n.similar_other, o.agency_name AS like_that_of
FROM narratives AS n JOIN key_figures AS k USING (report_id, year, region) LEFT JOIN reports AS o ON o.report_id = n.similar_report_id AND o.year = n.year
WHERE n.similar_other >= 0.8 AND n.chars >= 100
ORDER BY n.similar_other DESC, n.year, k.agency_name, n.section LIMIT 5;
