-- theme: requests
-- en: Does what one year carries forward arrive in the next?
-- zh: 上年结转下年与下年的上年结转是否一致？
-- trap: Of one agency with an `own` and a `whole` report the same scope must be compared. Finding [GK501](../rules/GK501.md) marks those that differ.
SELECT a.year, a.agency_name, a.carried_forward, b.carried_over AS next_carried_over, a.carried_forward = b.carried_over AS same
FROM key_figures AS a JOIN key_figures AS b ON b.agency_id = a.agency_id AND b.region = a.region AND b.scope = a.scope AND b.year = a.year + 1
WHERE a.carried_forward IS NOT NULL AND b.carried_over IS NOT NULL
ORDER BY a.year, a.agency_name LIMIT 10;
