-- theme: evidence
-- en: Where was this figure printed?
-- zh: 这个数印在哪里？
-- trap: `gongkai trace STORE REPORT_ID ITEM COLUMN` shows the very cell. `source_uri` may be a mirror: `source_trust` says how sure the host is. It is NULL where neither crawl nor page gives an address; `captures` then names the file.
SELECT k.agency_name, k.received, r.source_uri, r.source_trust
FROM key_figures AS k JOIN reports AS r USING (report_id, year, region)
WHERE k.year = 2023 AND k.received IS NOT NULL AND r.source_uri IS NOT NULL
ORDER BY k.received DESC, k.agency_name LIMIT 3;
